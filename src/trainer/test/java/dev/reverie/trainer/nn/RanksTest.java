package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class RanksTest extends LibtorchTest {
  private static final Map<String, String> SECOND_OF_THREE =
      Map.of("RANK", "1", "WORLD_SIZE", "3", "MASTER_ADDR", "node0", "MASTER_PORT", "29500");

  @Test
  void aPlaceIsReadFromTheLaunchersVariables() {
    assertEquals(new Ranks.Place(1, 3, "node0", 29500), Ranks.Place.of(SECOND_OF_THREE));
    assertEquals(1, Ranks.Place.of(Map.of()).count());
    assertEquals(1, Ranks.Place.of(Map.of("RANK", "0", "WORLD_SIZE", "1")).count());
  }

  @Test
  void variablesThatMakeNoSenseAreNamed() {
    Refusal.of(
        TrainerException.class,
        () -> Ranks.Place.of(Map.of("RANK", "0")),
        "RANK is '0' and WORLD_SIZE is not set");
    refused("WORLD_SIZE", "", "WORLD_SIZE is empty");
    refused("WORLD_SIZE", "0", "WORLD_SIZE is '0'; 1 to");
    refused("WORLD_SIZE", "two", "WORLD_SIZE is 'two'");
    refused("RANK", "3", "RANK is '3'; 0 to 2 is possible");
    refused("RANK", "", "RANK is not set");
    refused("MASTER_ADDR", " ", "MASTER_ADDR is not set");
    refused("MASTER_PORT", "70000", "MASTER_PORT is '70000'; 1 to 65535");
  }

  @Test
  void anAddressWithoutAMachineIsRefusedAtOnce() {
    Map<String, String> environment = new HashMap<>(SECOND_OF_THREE);
    environment.put("MASTER_ADDR", "no-such-machine.invalid");
    Refusal.of(
        TrainerException.class,
        () -> Ranks.join(environment),
        "MASTER_ADDR is 'no-such-machine.invalid'");
  }

  private static void refused(String name, String value, String said) {
    Map<String, String> environment = new HashMap<>(SECOND_OF_THREE);
    environment.put(name, value);
    Refusal.of(TrainerException.class, () -> Ranks.Place.of(environment), said);
  }

  @Test
  void sharesAreTheBatchTogetherAndTheirNumbersThoseOfOneRank() {
    Torch.seed(1, "shares");
    float[] uniform = Torch.floats(torch.rand(7));
    float[] normal = Torch.floats(torch.randn(7, 5));
    Tensor mask = Torch.less(torch.rand(7), 0.5);
    long there = mask.sum().item_long();
    int row = 0;
    long before = 0;
    for (int rank = 0; rank < 3; rank++) {
      Share share = Share.of(7, rank, 3);
      assertEquals(row, share.first());
      Torch.seed(1, "shares");
      int size = (int) share.count();
      assertArrayEquals(
          Arrays.copyOfRange(uniform, row, row + size), Torch.floats(share.uniform()));
      Tensor like = Torch.full(0, size, 5);
      assertArrayEquals(
          Arrays.copyOfRange(normal, 5 * row, 5 * (row + size)),
          Torch.floats(share.normalLike(like)));
      Share among = share.among(mask);
      assertEquals(new Share(there, before, among.count()), among);
      before += among.count();
      row += size;
    }
    assertEquals(7, row);
    assertEquals(there, before);
    assertEquals(new Share(2, 0, 0), Share.of(2, 0, 3));
  }
}
