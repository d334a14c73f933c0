package dev.reverie.round;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The commands of a page of docs/, as a test runs them. */
final class PageCommands {
  static final Path ROOT = Path.of(System.getProperty("reverie.root"));

  private static final Pattern COMMAND =
      Pattern.compile("^    \\./reverie (.*)$", Pattern.MULTILINE);

  private PageCommands() {}

  static String page(String name) throws IOException {
    return Files.readString(ROOT.resolve("docs").resolve(name));
  }

  /**
   * The commands of a page, without {@code ./reverie}, in the order of the page.
   *
   * @param out what {@code out/} is here
   */
  static List<List<String>> of(String page, Path out) {
    return COMMAND
        .matcher(page)
        .results()
        .map(MatchResult::group)
        .map(line -> line.strip().split(" ", -1))
        .map(words -> Stream.of(words).skip(1).map(word -> there(word, out)).toList())
        .toList();
  }

  private static String there(String word, Path out) {
    return word.replaceFirst("^out(?=/|$)", Matcher.quoteReplacement(out.toString()))
        .replaceFirst("^(arms|models)(?=/|$)", Matcher.quoteReplacement(ROOT + "/") + "$1");
  }
}
