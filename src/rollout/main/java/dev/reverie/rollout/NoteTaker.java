package dev.reverie.rollout;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.reverie.Episode;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes down what goes by about an episode while its bag is written. */
final class NoteTaker {
  private final CalibrationHash calibration = new CalibrationHash();
  private @Nullable EpisodeNote note;

  void see(String topic, String type, long logNanos, MemorySegment cdr) {
    if (type.equals(Episode.TYPE.name())) {
      try {
        Episode event = Episode.TYPE.decode(cdr);
        if (note != null) {
          note = note.after(event);
        } else if (event.event() == Episode.BEGUN) {
          note = EpisodeNote.begun(event, logNanos);
        }
      } catch (CdrException | IllegalArgumentException e) {
        // Who reads the message is told what is wrong with it; the note no longer counts all.
      }
    } else {
      calibration.add(topic, type, cdr);
    }
  }

  /** Empty where no episode began. */
  Optional<EpisodeNote> note() {
    return Optional.ofNullable(note).map(n -> n.withCalibration(calibration.sha256()));
  }
}
