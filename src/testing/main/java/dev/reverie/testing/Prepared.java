package dev.reverie.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Marks tests that need the prepared environment: ROS 2, MuJoCo, or other people's readers in
 * Python. Elsewhere they are skipped, and the end of the run tells how many were.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@EnabledIfEnvironmentVariable(
    named = "REVERIE_PYTHON",
    matches = ".+",
    disabledReason = Prepared.REASON)
public @interface Prepared {
  /** The reason that is told of a test that is skipped. */
  String REASON = "the environment is not prepared; run ./reverie test";
}
