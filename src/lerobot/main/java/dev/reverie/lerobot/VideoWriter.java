package dev.reverie.lerobot;

import static dev.reverie.lerobot.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_BITEXACT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_RGB;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BITEXACT;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;

import dev.reverie.rollout.CameraImage;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;

/**
 * Writes the video of one camera as LeRobot does: AV1 in MP4, every second picture a keyframe, each
 * episode encoded by itself and put behind the one before. One thread, so that the same pictures
 * give the same bytes.
 */
final class VideoWriter implements AutoCloseable {
  private static final String ENCODER = "libsvtav1";

  /** A keyframe every so many pictures: training asks for pictures in any order. */
  private static final int KEYFRAME_EVERY = 2;

  /** Quality, 0 best to 63; LeRobot takes 30, at which fine detail of small pictures is lost. */
  private static final String QUALITY = "24";

  /** Speed, 0 to 13, the fastest; LeRobot takes 12. */
  private static final String PRESET = "8";

  private final Path file;
  private final int width;
  private final int height;
  private final int fps;
  private final AVFormatContext format;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame rgb;
  private final AVFrame yuv;
  private final SwsContext converter = sws_alloc_context();
  private boolean begun;
  private long frames;
  private long bytes;

  /**
   * Begins a video.
   *
   * @param file must not exist yet
   */
  VideoWriter(Path file, int width, int height, int fps) {
    Ffmpeg.load();
    this.file = file;
    this.width = width;
    this.height = height;
    this.fps = fps;
    format = new AVFormatContext(null);
    check(avformat_alloc_output_context2(format, null, "mp4", file.toString()), "write it", file);
    format.flags(format.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
    AVIOContext io = new AVIOContext(null);
    check(avio_open(io, file.toString(), AVIO_FLAG_WRITE), "write it", file);
    format.pb(io);
    rgb = frame(AV_PIX_FMT_RGB24, AVCOL_SPC_RGB, AVCOL_RANGE_JPEG);
    yuv = frame(AV_PIX_FMT_YUV420P, AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG);
    converter.flags(SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INP);
  }

  private AVFrame frame(int pixels, int space, int range) {
    AVFrame frame = av_frame_alloc();
    frame.format(pixels);
    frame.width(width);
    frame.height(height);
    frame.colorspace(space);
    frame.color_range(range);
    check(av_frame_get_buffer(frame, 0), "hold a picture", file);
    return frame;
  }

  /** Appends an episode. */
  void episode(List<CameraImage> images) {
    AVCodecContext encoder = encoder();
    try {
      if (!begun) {
        begin(encoder);
      }
      for (int t = 0; t < images.size(); t++) {
        check(av_frame_make_writable(rgb), "hold a picture", file);
        check(av_frame_make_writable(yuv), "hold a picture", file);
        Ffmpeg.fill(rgb, images.get(t));
        check(sws_scale_frame(converter, yuv, rgb), "convert picture " + t, file);
        yuv.pts(t);
        check(avcodec_send_frame(encoder, yuv), "encode picture " + t, file);
        mux(encoder);
      }
      check(avcodec_send_frame(encoder, null), "end an episode", file);
      mux(encoder);
    } finally {
      avcodec_free_context(encoder);
    }
    frames += images.size();
  }

  private AVCodecContext encoder() {
    AVCodec codec = avcodec_find_encoder_by_name(ENCODER);
    AVCodecContext encoder = avcodec_alloc_context3(codec);
    encoder.width(width);
    encoder.height(height);
    encoder.pix_fmt(AV_PIX_FMT_YUV420P);
    encoder.colorspace(AVCOL_SPC_SMPTE170M);
    encoder.color_range(AVCOL_RANGE_MPEG);
    encoder.time_base(av_make_q(1, fps));
    encoder.framerate(av_make_q(fps, 1));
    encoder.gop_size(KEYFRAME_EVERY);
    encoder.thread_count(1);
    encoder.flags(encoder.flags() | AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT);
    AVDictionary options = new AVDictionary(null);
    av_dict_set(options, "crf", QUALITY, 0);
    av_dict_set(options, "preset", PRESET, 0);
    av_dict_set(options, "svtav1-params", "lp=1", 0);
    try {
      check(
          avcodec_open2(encoder, codec, options),
          "encode pictures of %dx%d; use --images png".formatted(width, height),
          file);
      return encoder;
    } finally {
      av_dict_free(options);
    }
  }

  private void begin(AVCodecContext encoder) {
    AVStream stream = avformat_new_stream(format, null);
    check(avcodec_parameters_from_context(stream.codecpar(), encoder), "begin it", file);
    stream.time_base(av_make_q(1, fps));
    stream.avg_frame_rate(av_make_q(fps, 1));
    AVDictionary options = new AVDictionary(null);
    av_dict_set(options, "movflags", "faststart", 0); // the index first: it is read over networks
    try {
      check(avformat_write_header(format, options), "begin it", file);
    } finally {
      av_dict_free(options);
    }
    begun = true;
  }

  /** Takes what the encoder has ready. */
  private void mux(AVCodecContext encoder) {
    while (true) {
      int result = avcodec_receive_packet(encoder, packet);
      if (result == AVERROR_EAGAIN() || result == AVERROR_EOF()) {
        return;
      }
      check(result, "encode a picture", file);
      bytes += packet.size();
      packet.pts(packet.pts() + frames);
      packet.dts(packet.dts() + frames);
      packet.duration(1);
      packet.stream_index(0);
      av_packet_rescale_ts(packet, encoder.time_base(), format.streams(0).time_base());
      check(av_interleaved_write_frame(format, packet), "write a picture", file);
    }
  }

  /** The bytes of the pictures so far. */
  long bytes() {
    return bytes;
  }

  /** Pictures so far. */
  long frames() {
    return frames;
  }

  /** Writes the file's index: without it the file cannot be read. */
  @Override
  public void close() {
    try {
      if (begun) {
        check(av_write_trailer(format), "end it", file);
      }
    } finally {
      AVIOContext io = format.pb();
      avio_closep(io);
      avformat_free_context(format);
      av_packet_free(packet);
      av_frame_free(rgb);
      av_frame_free(yuv);
      sws_freeContext(converter);
    }
  }
}
