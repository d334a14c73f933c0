package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Javadoc;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavadocTest {
  @Test
  void everythingPublicIsDocumentedAndEveryReferenceLeadsSomewhere(@TempDir Path out)
      throws Exception {
    assertEquals(List.of(), Javadoc.faults("msgs", out));
  }
}
