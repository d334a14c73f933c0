/**
 * Calibration of cameras, and of where they stand.
 *
 * <p>A {@link dev.reverie.calibrate.Source} gives pictures and joint states, live or recorded; a
 * {@link dev.reverie.calibrate.Board} is found in them as a {@link
 * dev.reverie.calibrate.BoardView}. Views that differ make a {@link
 * dev.reverie.calibrate.CameraFit}; poses of the board beside those of the arm, taken while it
 * stands still, a {@link dev.reverie.calibrate.HandEyeFit}.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.calibrate;
