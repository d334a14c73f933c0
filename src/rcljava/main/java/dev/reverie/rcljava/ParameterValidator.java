package dev.reverie.rcljava;

import java.util.List;
import java.util.Optional;

/** Checks what the parameters of a node become. */
@FunctionalInterface
public interface ParameterValidator {
  /**
   * Looks at values that are about to be declared or set together. It must not change parameters.
   *
   * @param wanted the parameters, all of the right type and in their range
   * @return the reason why they are refused; empty where they are not
   */
  Optional<String> refuse(List<Parameter> wanted);
}
