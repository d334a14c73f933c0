package dev.reverie.lerobot;

import static dev.reverie.lerobot.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AV1;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_flush_buffers;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BACKWARD;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_seek_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_RGB;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_q2d;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BITEXACT;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INT;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;

import dev.reverie.rollout.CameraImage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Reads the pictures of a video by their time; fast where they are asked for in order. */
final class VideoReader implements AutoCloseable {
  private static final String AV1_DECODER = "libaom-av1"; // FFmpeg's own needs a graphics card

  private final Path file;
  private final AVFormatContext format = new AVFormatContext(null);
  private final AVCodecContext decoder;
  private final int stream;
  private final double secondsPerTick;
  private final double startSeconds;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private final SwsContext converter = sws_alloc_context();
  private double seconds = Double.NEGATIVE_INFINITY; // of the frame

  /**
   * Opens a video before its first picture.
   *
   * @throws LerobotException where there is no such video or it cannot be decoded
   */
  VideoReader(Path file) {
    Ffmpeg.load();
    this.file = file;
    if (!Files.isRegularFile(file)) {
      throw new LerobotException(
          "there is no video %s, which the dataset's metadata names; copy the whole dataset again"
              .formatted(file));
    }
    LerobotException.requireFetched(file);
    check(
        avformat_open_input(format, file.toString(), null, (AVDictionary) null),
        "read it; is it cut off? Copy the whole dataset again",
        file);
    check(avformat_find_stream_info(format, (PointerPointer<Pointer>) null), "read it", file);
    stream =
        check(
            av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0),
            "find a video in it",
            file);
    AVStream video = format.streams(stream);
    secondsPerTick = av_q2d(video.time_base());
    startSeconds = Math.max(0, video.start_time()) * secondsPerTick;
    int id = video.codecpar().codec_id();
    AVCodec codec =
        id == AV_CODEC_ID_AV1
            ? avcodec_find_decoder_by_name(AV1_DECODER)
            : avcodec_find_decoder(id);
    if (codec == null) {
      throw new LerobotException(
          "%s has a codec that this version does not decode; encode it as AV1 or H.264"
              .formatted(file));
    }
    decoder = avcodec_alloc_context3(codec);
    decoder.thread_count(1);
    check(avcodec_parameters_to_context(decoder, video.codecpar()), "decode it", file);
    check(avcodec_open2(decoder, codec, (AVDictionary) null), "decode it", file);
    converter.flags(SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT);
  }

  /**
   * The picture shown at a time, s from the video's beginning.
   *
   * @param tolerance s by which its own time may differ
   * @throws LerobotException where there is none
   */
  CameraImage at(double time, double tolerance) {
    if (seconds > time + tolerance) {
      long ticks = (long) ((time + startSeconds) / secondsPerTick);
      check(av_seek_frame(format, stream, ticks, AVSEEK_FLAG_BACKWARD), "go back in it", file);
      avcodec_flush_buffers(decoder);
      seconds = Double.NEGATIVE_INFINITY;
    }
    while (seconds < time - tolerance) {
      if (!decodeNext()) {
        throw new LerobotException(
            "%s ends before %.4f s, where the dataset has a picture; copy the whole dataset again"
                .formatted(file, time));
      }
    }
    if (seconds > time + tolerance) {
      throw new LerobotException(
          "%s has no picture at %.4f s, the nearest is at %.4f s; its fps is not the dataset's"
              .formatted(file, time, seconds));
    }
    return rgb();
  }

  private boolean decodeNext() {
    while (true) {
      av_frame_unref(frame);
      int result = avcodec_receive_frame(decoder, frame);
      if (result == AVERROR_EOF()) {
        return false;
      }
      if (result != AVERROR_EAGAIN()) {
        check(result, "decode a picture", file);
        seconds = frame.best_effort_timestamp() * secondsPerTick - startSeconds;
        return true;
      }
      send();
    }
  }

  /** Gives the decoder the next packet, or tells it that there is none. */
  private void send() {
    while (true) {
      int result = av_read_frame(format, packet);
      if (result == AVERROR_EOF()) {
        check(avcodec_send_packet(decoder, null), "decode its end", file);
        return;
      }
      check(result, "read a picture", file);
      try {
        if (packet.stream_index() == stream) {
          check(avcodec_send_packet(decoder, packet), "decode a picture", file);
          return;
        }
      } finally {
        av_packet_unref(packet);
      }
    }
  }

  private CameraImage rgb() {
    AVFrame rgb = av_frame_alloc();
    try {
      rgb.format(AV_PIX_FMT_RGB24);
      rgb.width(frame.width());
      rgb.height(frame.height());
      rgb.colorspace(AVCOL_SPC_RGB);
      rgb.color_range(AVCOL_RANGE_JPEG);
      check(av_frame_get_buffer(rgb, 0), "hold a picture", file);
      check(sws_scale_frame(converter, rgb, frame), "convert a picture", file);
      return Ffmpeg.image(rgb);
    } finally {
      av_frame_free(rgb);
    }
  }

  @Override
  public void close() {
    avcodec_free_context(decoder);
    avformat_close_input(format);
    av_packet_free(packet);
    av_frame_free(frame);
    sws_freeContext(converter);
  }
}
