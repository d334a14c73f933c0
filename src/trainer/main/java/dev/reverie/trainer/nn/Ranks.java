package dev.reverie.trainer.nn;

import static org.bytedeco.pytorch.global.torch.ScalarType.Bool;
import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch_gloo;
import org.bytedeco.pytorch.global.torch_nccl;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;
import org.jspecify.annotations.Nullable;

/**
 * The processes that train one run together, as torch.distributed has them (c10d over Gloo, and
 * over NCCL what is on a CUDA device): every rank has the same data, draws the same random numbers
 * and keeps its {@link Share} of each batch, and gradients are summed. So a run does not depend on
 * the number of ranks but for the order of its sums. The folders are shared; only the first rank
 * writes to them.
 *
 * <p>There is one world a process, as there is one generator of random numbers. A process that was
 * not started as a rank is a world of its own.
 */
public final class Ranks implements AutoCloseable {
  /** Time that a rank waits for the first one to be there. */
  private static final long MOST_WAIT_MS = 60_000;

  private static final Ranks ALONE = new Ranks(new Place(0, 1, "", 0), null);
  private static Ranks world = ALONE;

  private final Place place;
  private final @Nullable Group group; // null where there is one rank
  private int asked; // questions put to all ranks so far

  /**
   * The group in which ranks meet.
   *
   * @param cpu sums tensors there
   * @param cuda sums tensors on a CUDA device, where there is one
   */
  private record Group(TCPStore store, Backend cpu, Optional<Backend> cuda) {
    Backend of(Tensor tensor) {
      return tensor.is_cuda() ? cuda.orElseThrow() : cpu;
    }

    void close() {
      cuda.ifPresent(Backend::close);
      cpu.close();
      store.close();
    }
  }

  /**
   * A rank's place in the world, from the variables of the usual launchers such as torchrun.
   *
   * @param rank RANK, from 0
   * @param count WORLD_SIZE
   * @param address MASTER_ADDR, where rank 0 is
   * @param port MASTER_PORT there
   */
  record Place(int rank, int count, String address, int port) {
    /**
     * Reads the launcher's variables; without WORLD_SIZE the process is alone.
     *
     * @throws TrainerException where one of them is missing or no number, or the rank is not below
     *     the count
     */
    static Place of(Map<String, String> environment) {
      if (!environment.containsKey("WORLD_SIZE")) {
        if (environment.containsKey("RANK")) {
          throw new TrainerException(
              "RANK is '%s' and WORLD_SIZE is not set; a launcher such as torchrun sets both, or unset RANK to train in one process"
                  .formatted(environment.get("RANK")));
        }
        return new Place(0, 1, "", 0);
      }
      int count = number(environment, "WORLD_SIZE", 1, Integer.MAX_VALUE);
      int rank = number(environment, "RANK", 0, count - 1);
      return count == 1
          ? new Place(rank, count, "", 0)
          : new Place(
              rank,
              count,
              required(environment, "MASTER_ADDR"),
              number(environment, "MASTER_PORT", 1, 65_535));
    }

    private static String required(Map<String, String> environment, String name) {
      String value = environment.getOrDefault(name, "");
      if (value.isBlank() && name.equals("WORLD_SIZE")) {
        throw new TrainerException(
            "WORLD_SIZE is empty; give the number of ranks, or unset it to train in one process");
      }
      if (value.isBlank()) {
        throw new TrainerException(
            "WORLD_SIZE is %s and %s is not set; a launcher such as torchrun sets both, or unset WORLD_SIZE to train in one process"
                .formatted(environment.get("WORLD_SIZE"), name));
      }
      return value;
    }

    private static int number(Map<String, String> environment, String name, int low, int high) {
      String text = required(environment, name);
      try {
        int value = Integer.parseInt(text);
        if (value >= low && value <= high) {
          return value;
        }
      } catch (NumberFormatException e) {
        // said below
      }
      throw new TrainerException(
          "%s is '%s'; %d to %d is possible".formatted(name, text, low, high));
    }
  }

  private Ranks(Place place, @Nullable Group group) {
    this.place = place;
    this.group = group;
  }

  /** The ranks that this process is one of. */
  public static Ranks world() {
    return world;
  }

  /**
   * Waits for all ranks and makes them the world of this process, where it was started as one of
   * several.
   *
   * @param environment of the process; GLOO_SOCKET_IFNAME names the network's interface, as in
   *     PyTorch
   * @throws TrainerException where the variables are wrong or the first rank is not reached
   */
  public static Ranks join(Map<String, String> environment) {
    Place place = Place.of(environment);
    if (place.count() == 1) {
      return ALONE;
    }
    requireKnown(place.address());
    Loader.load(torch_gloo.class);
    world =
        attempt(
            "rank %d of %d does not find the others at %s:%d; MASTER_ADDR and MASTER_PORT must lead to rank 0, which is started within %d s of the others"
                .formatted(
                    place.rank(),
                    place.count(),
                    place.address(),
                    place.port(),
                    MOST_WAIT_MS / 1000),
            () -> connected(place, Optional.ofNullable(environment.get("GLOO_SOCKET_IFNAME"))));
    return world;
  }

  /** Refuses a name that leads nowhere: c10d would ask for it again and again. */
  private static void requireKnown(String address) {
    try {
      InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new TrainerException(
          "MASTER_ADDR is '%s', and no machine has that name here; give the name or IP address of the machine of rank 0"
              .formatted(address),
          e);
    }
  }

  /** Connects the ranks, outside of any scope: the group lives as long as the world. */
  private static Ranks connected(Place place, Optional<String> network) {
    var how = new TCPStoreOptions();
    how.port((short) place.port()).isServer(place.rank() == 0).waitWorkers(false);
    long usualMs = how.timeout().count();
    how.timeout(new Milliseconds(MOST_WAIT_MS));
    var store = new TCPStore(place.address(), how);
    store.setTimeout(new Milliseconds(usualMs));
    var options = new ProcessGroupGloo.Options();
    boolean here = place.address().equals("localhost") || place.address().startsWith("127.");
    options.devices(
        new GlooDeviceVector(
            network
                .map(ProcessGroupGloo::createDeviceForInterface)
                .orElseGet(
                    () ->
                        here
                            ? ProcessGroupGloo.createDeviceForHostname("127.0.0.1")
                            : ProcessGroupGloo.createDefaultDevice())));
    var cpu = new ProcessGroupGloo(store, place.rank(), place.count(), options);
    Optional<Backend> cuda =
        Compute.isElsewhere() ? Optional.of(nccl(store, place)) : Optional.empty();
    return new Ranks(place, new Group(store, cpu, cuda));
  }

  /** Finds the others of the same device when it is used first; a device is one rank's. */
  private static Backend nccl(TCPStore store, Place place) {
    Loader.load(torch_nccl.class);
    return new ProcessGroupNCCL(new PrefixStore("nccl", store), place.rank(), place.count());
  }

  /** Number of ranks. */
  public int count() {
    return place.count();
  }

  /** Number of this one, from 0. */
  public int rank() {
    return place.rank();
  }

  /** Returns whether this is the rank that writes. */
  public boolean first() {
    return place.rank() == 0;
  }

  /**
   * This rank's share of a batch; while its gradients are added up in slices, the slice's rows.
   *
   * @throws TrainerException where there are fewer rows than ranks
   */
  public Share share(long rows) {
    if (rows < count()) {
      throw new TrainerException(
          "a batch of %d cannot be shared by %d ranks; make batches larger or start fewer ranks"
              .formatted(rows, count()));
    }
    return BatchSlices.of(part(rows));
  }

  /** This rank's share of some rows, which may be none. */
  public Share part(long rows) {
    return Share.of(rows, place.rank(), place.count());
  }

  /** Adds a dense tensor up over all ranks, in place. */
  public void sum(Tensor tensor) {
    if (group != null && tensor.numel() > 0) {
      together(() -> group.of(tensor).allreduce(new TensorVector(tensor.detach())));
    }
  }

  /** The sum of a number over all ranks. */
  public double sum(double value) {
    if (group == null) {
      return value;
    }
    try (var _ = new PointerScope()) {
      Tensor sum = Torch.of(new float[] {(float) value}, 1);
      sum(sum);
      return sum.item_double();
    }
  }

  /**
   * Puts rows of all ranks together, on all of them.
   *
   * @param rows of this rank
   * @param at their places among all [n], int64
   * @param count of all
   */
  public Tensor together(Tensor rows, Tensor at, long count) {
    Tensor carried = rows.scalar_type() == Bool ? rows.to(Byte) : rows; // booleans have no sum
    long[] shape = Torch.shape(rows);
    shape[0] = count;
    Tensor all = Torch.zeros(carried.scalar_type(), shape).index_copy_(0, at, carried);
    sum(all);
    return all.to(rows.scalar_type());
  }

  /**
   * Computes rows, each rank its share, and has all of them on every rank.
   *
   * @param rows dense, overwritten
   * @param work gives the rows of a share
   */
  public void fill(Tensor rows, Function<Share, Tensor> work) {
    long count = rows.size(0);
    if (group == null || count < place.count()) {
      rows.copy_(work.apply(Share.whole(count)));
      return;
    }
    Share share = share(count);
    rows.zero_();
    share.of(rows).copy_(work.apply(share));
    sum(rows);
  }

  /** Returns whether any rank says so. */
  public boolean any(boolean here) {
    return group == null ? here : sum(here ? 1 : 0) > 0;
  }

  /** Does on the first rank what only one may do; the others wait for its end. */
  public void once(Runnable work) {
    if (first()) {
      work.run();
    }
    any(false);
  }

  /**
   * Puts the parts of a dense tensor together, each rank's own lying at its place.
   *
   * @param whole of as many equal parts as there are ranks, along the first dimension
   */
  void gather(Tensor whole) {
    if (group != null) {
      long size = whole.size(0) / place.count();
      try (var _ = new PointerScope();
          var _ = new NoGradGuard()) {
        Tensor mine = whole.narrow(0, size * place.rank(), size).clone();
        together(() -> group.of(whole)._allgather_base(whole, mine));
      }
    }
  }

  /**
   * Refuses ranks that are told different things.
   *
   * @param what the text is, for the message
   * @param text that must be the same on all ranks
   * @throws TrainerException on every rank that differs from the first
   */
  public void requireSame(String what, String text) {
    if (group == null) {
      return;
    }
    String key = "same/" + asked++;
    if (first()) {
      group.store().set(key, text);
    }
    String said = attempt("the first rank is lost", () -> group.store().get_to_str(key));
    boolean same = said.equals(text);
    if (any(!same)) {
      throw new TrainerException(
          same
              ? "another rank has another %s than this one: see what it says".formatted(what)
              : "rank %d has another %s than rank 0:%n  here: %s%n  there: %s%nAll ranks take the same command, the same files and the same version"
                  .formatted(place.rank(), what, text, said));
    }
  }

  private void together(Supplier<Work> begin) {
    attempt(
        "a rank of %d was lost; run the same command on all of them again to go on"
            .formatted(count()),
        () -> {
          try (Work work = begin.get()) {
            return work._wait();
          }
        });
  }

  /** Says in our words what c10d throws, without its stack. */
  private static <T> T attempt(String otherwise, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new TrainerException("%s (%s)".formatted(otherwise, said), e);
    }
  }

  /** Leaves the world; the process is alone again. */
  @Override
  public void close() {
    if (group != null) {
      world = ALONE;
      group.close();
    }
  }
}
