package dev.reverie.rcljava;

import java.util.List;
import java.util.Optional;

/** Has a say in what the parameters of a node become. */
@FunctionalInterface
public interface ParameterValidator {

  /**
   * Looks at values that are about to be declared or set together. It must not change parameters.
   *
   * @param wanted all of the right type and in their range
   * @return why they are refused; empty where they are not
   */
  Optional<String> refuse(List<Parameter> wanted);
}
