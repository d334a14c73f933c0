package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A moment, or a whole day, as people write it: in the local time zone where they name none.
 *
 * @param fromNanos its beginning, since 1970
 * @param untilNanos of a day the beginning of the next one
 */
record DayTime(long fromNanos, long untilNanos) {
  /**
   * Reads a moment or a day from a text.
   *
   * @throws DateTimeException where the text is neither
   */
  static DayTime of(String text, ZoneId zone) {
    if (!text.contains("T")) {
      LocalDate day = LocalDate.parse(text);
      return new DayTime(
          Stamps.nanos(day.atStartOfDay(zone).toInstant()),
          Stamps.nanos(day.plusDays(1).atStartOfDay(zone).toInstant()));
    }
    boolean zoned = text.matches(".*T.*(Z|[+-]\\d\\d:?\\d\\d)");
    Instant moment =
        zoned
            ? OffsetDateTime.parse(text).toInstant()
            : LocalDateTime.parse(text).atZone(zone).toInstant();
    long nanos = Stamps.nanos(moment);
    return new DayTime(nanos, nanos);
  }

  /** Reads days and times of command lines. */
  static final class Converter implements ITypeConverter<DayTime> {
    @Override
    public DayTime convert(String text) {
      try {
        return of(text, ZoneId.systemDefault());
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "'%s' is no time; write 2026-11-21, 2026-11-21T10:30 or 2026-11-21T10:30Z"
                .formatted(text));
      }
    }
  }
}
