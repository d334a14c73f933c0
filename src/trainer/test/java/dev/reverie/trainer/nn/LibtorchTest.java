package dev.reverie.trainer.nn;

import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** One thread, one seed, and a scope around each test. */
public abstract class LibtorchTest {
  private PointerScope scope = new PointerScope();

  @BeforeAll
  static void start() {
    Torch.start(1);
  }

  @BeforeEach
  void open() {
    scope = new PointerScope();
    Torch.seed(1, "test");
  }

  @AfterEach
  void close() {
    scope.close();
  }
}
