package dev.reverie.rollout;

import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapRecovery;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at messages out of a damaged chunk: one that would make the whole bag unreadable, or whose
 * numbers are none, is better lost. What else may be altered in it cannot be seen.
 */
final class DoubtfulMessages implements McapRecovery.Check {
  private static final Map<String, MessageType<?>> TYPES =
      Stream.<MessageType<?>>of(
              Episode.TYPE,
              ActionChunk.TYPE,
              Command.TYPE,
              SafetyEvent.TYPE,
              JointState.TYPE,
              JointTrajectory.TYPE,
              Image.TYPE,
              CompressedImage.TYPE,
              CameraInfo.TYPE,
              dev.reverie.msgs.std_msgs.String.TYPE)
          .collect(Collectors.toMap(MessageType::name, type -> type));

  /** Encodings of images without colours. */
  private static final String COLOURLESS = "mono(8|16)|(8|16|32|64)[USF]C[1-4]";

  /** A stamp may go so much farther than the recorder's clock from one message to the next. */
  private static final long STAMP_NANOS = 2_000_000_000L;

  private final PictureDecoder decoder = PictureDecoder.ofJdk();
  private final Map<String, Long> offsets = new HashMap<>(); // stamp less log time by topic
  private String episode = "";

  @Override
  public boolean isSound(String type, McapMessage message) {
    MessageType<?> known = TYPES.get(type);
    try {
      return known == null || isSound(known.decode(message.data()), message);
    } catch (CdrException | IllegalArgumentException e) {
      return false;
    }
  }

  private boolean isSound(Object told, McapMessage message) {
    return switch (told) {
      case Episode event -> isOfEpisode(event.episodeId());
      case ActionChunk chunk -> follows(chunk.header(), message) && isOfEpisode(chunk.episodeId());
      case Command command ->
          follows(command.header(), message)
              && isOfEpisode(command.episodeId())
              && List.of(Command.POLICY, Command.TELEOP, Command.HOLD).contains(command.source())
              && isFinite(command.measuredPositions())
              && isFinite(command.positions());
      case JointState state ->
          follows(state.header(), message)
              && state.position().length == state.name().size()
              && isFinite(state.position());
      case Image image -> follows(image.header(), message) && isPicture(image);
      case CompressedImage image ->
          follows(image.header(), message) && decoder.decode(image.data()).width() > 0;
      case CameraInfo info -> info.width() > 0 && info.height() > 0 && isFinite(info.k());
      default -> true;
    };
  }

  /** All messages of an episode's bag name the same episode. */
  private boolean isOfEpisode(String id) {
    if (episode.isEmpty()) {
      episode = id;
    }
    return episode.equals(id);
  }

  private boolean follows(Header header, McapMessage message) {
    long stamp = Stamps.nanos(header.stamp());
    long offset = stamp - message.logNanos();
    Optional<Long> before = Optional.ofNullable(offsets.get(message.channel().topic()));
    if (before.isPresent() && Math.abs(offset - before.get()) > STAMP_NANOS) {
      return false;
    }
    offsets.put(message.channel().topic(), offset);
    return true;
  }

  private static boolean isPicture(Image image) {
    return image.encoding().matches(COLOURLESS)
        ? image.data().length == (long) image.step() * image.height()
        : CameraImage.holds(
            image.encoding(), image.width(), image.height(), image.step(), image.data().length);
  }

  private static boolean isFinite(double[] numbers) {
    return Arrays.stream(numbers).allMatch(Double::isFinite);
  }
}
