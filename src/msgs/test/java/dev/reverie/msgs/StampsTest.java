package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class StampsTest {
  @Test
  void aMessageIsStampedAnewWithoutBeingDecoded() {
    JointState state =
        new JointState()
            .withHeader(new Header(new Time(7, 500_000_000), "arm"))
            .withName(List.of("elbow"));
    byte[] message = JointState.TYPE.encode(state);
    assertEquals(7_500_000_000L, Stamps.ofHeader(message));
    for (long nanos : new long[] {0, 1_790_000_000_123_456_789L, -1}) {
      Stamps.intoHeader(message, nanos);
      assertEquals(nanos, Stamps.ofHeader(message));
      assertEquals(
          state.withHeader(new Header(Stamps.time(nanos), "arm")), JointState.TYPE.decode(message));
    }
  }

  @Test
  void aHeaderMayBeBigEndianAndTooFewBytesAreNone() {
    byte[] big = HexFormat.of().parseHex("000000000000000100000002");
    assertEquals(1_000_000_002L, Stamps.ofHeader(big));
    Stamps.intoHeader(big, 3_000_000_004L);
    assertEquals("000000000000000300000004", HexFormat.of().formatHex(big));
    CdrException e = assertThrows(CdrException.class, () -> Stamps.ofHeader(new byte[11]));
    assertEquals("a message of 11 bytes has no header", e.getMessage());
  }
}
