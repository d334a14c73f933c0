package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arguments of a program and of ROS 2. */
class ProgramArgumentsTest {
  @Test
  void whatStandsBetweenRosArgsAndTwoDashesIsForRos() {
    assertEquals(
        new ProgramArguments(
            List.of("check", "--json"), List.of("--ros-args", "-r", "__ns:=/left", "--")),
        ProgramArguments.of("check", "--ros-args", "-r", "__ns:=/left", "--", "--json"));
  }

  @Test
  void withoutRosArgsAllAreTheProgramsOwn() {
    assertEquals(
        new ProgramArguments(List.of("check", "--"), List.of()),
        ProgramArguments.of("check", "--"));
  }

  @Test
  void aProgramGetsBothPartsAndItsStatusComesBack() {
    var seen = new ArrayList<String>();
    int status =
        ProgramArguments.of("check", "--ros-args", "-p", "a:=1")
            .run(
                ros -> {
                  seen.addAll(List.of(ros));
                  return own -> {
                    seen.addAll(List.of(own));
                    return 3;
                  };
                });
    assertEquals(3, status);
    assertEquals(List.of("--ros-args", "-p", "a:=1", "check"), seen);
  }
}
