package dev.reverie.msgs;

import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Lays one view over message after message, and ends its validity. It allocates nothing once the
 * longest sequence of messages or strings has come.
 *
 * <pre>{@code
 * var binding = new ViewBinding<>(JointState.VIEW);
 * JointState.View joints = binding.bind(cdr);
 * double first = joints.position().get(0);
 * binding.unbind();
 * }</pre>
 *
 * @param <V> the view
 */
public final class ViewBinding<V extends MessageView<?>> {
  private final V view;
  private final ViewBytes cdr;
  private final boolean fixedSize;

  /** The end of messages of one size, once their fields are known; else 0. */
  private long end;

  /** Creates a view, bound to nothing yet. */
  public ViewBinding(ViewType<?, V> type) {
    view = type.factory().get();
    cdr = view.cdr();
    fixedSize = type.fixedSize();
  }

  /**
   * Binds the view to a message, for the calling thread.
   *
   * @param bytes CDR with its encapsulation, which nobody else changes while it is viewed
   * @throws CdrException when the bytes are not such a message, or are big-endian; the view is then
   *     bound to nothing
   */
  public V bind(MemorySegment bytes) {
    return bindTo(bytes, bytes.byteSize(), null, null);
  }

  /**
   * Binds the view, as {@link #bind(MemorySegment)}, without allocating where the memory stays and
   * the length changes.
   *
   * @param memory begins with the message
   * @param size of the message
   * @param borrowed the arrays that a {@link CdrWriter#CdrWriter(BorrowedArrays)} left out of it,
   *     which nobody else changes either
   * @param slices gives memory of the message again for {@link ArrayView.OfPrimitive#bytes()}, with
   *     a lifetime that ends with the validity of the view
   */
  public V bind(
      MemorySegment memory,
      long size,
      @Nullable BorrowedArrays borrowed,
      UnaryOperator<MemorySegment> slices) {
    return bindTo(memory, size, borrowed, slices);
  }

  private V bindTo(
      MemorySegment memory,
      long size,
      @Nullable BorrowedArrays borrowed,
      @Nullable UnaryOperator<MemorySegment> slices) {
    cdr.take(memory, size, borrowed, slices);
    if (end > 0 && borrowed == null) {
      cdr.require(end);
    } else {
      cdr.beginMessage();
      view.indexHere();
      end = fixedSize && borrowed == null ? cdr.position() : 0;
    }
    cdr.open();
    return view;
  }

  /** Ends the validity of the view. */
  public void unbind() {
    cdr.close();
  }
}
