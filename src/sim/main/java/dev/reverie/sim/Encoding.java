package dev.reverie.sim;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** An encoding of images, by its name in sensor_msgs. */
enum Encoding {
  RGB8(0, 1, 2),
  BGR8(2, 1, 0),
  RGBA8(0, 1, 2, -1),
  BGRA8(2, 1, 0, -1),
  MONO8(1);

  private final int[] channels; // of red, green, blue; -1: opaque

  Encoding(int... channels) {
    this.channels = channels;
  }

  /**
   * The encoding of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Encoding named(String word) {
    return Arrays.stream(values())
        .filter(encoding -> encoding.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "camera_encoding is '%s'; give one of %s"
                        .formatted(word, List.of(values()).stream().map(Encoding::word).toList())));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes of a pixel. */
  int bytes() {
    return channels.length;
  }

  /**
   * Encodes a picture; grey is its green.
   *
   * @param rgb [pixels, 3]
   * @return [pixels, bytes]
   */
  byte[] encode(byte[] rgb) {
    if (this == RGB8) {
      return rgb;
    }
    byte[] encoded = new byte[rgb.length / 3 * channels.length];
    for (int i = 0; i < encoded.length; i++) {
      int channel = channels[i % channels.length];
      encoded[i] = channel < 0 ? (byte) 255 : rgb[i / channels.length * 3 + channel];
    }
    return encoded;
  }
}
