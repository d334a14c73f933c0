package dev.reverie.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The commands of a page of docs/, as a test runs them. */
public final class PageCommands {
  /** The checkout. */
  public static final Path ROOT = Path.of(System.getProperty("reverie.root"));

  private static final Pattern COMMAND =
      Pattern.compile("^    \\./reverie (.*)$", Pattern.MULTILINE);

  private static final Set<String> OWN = Set.of("arms", "models");

  private PageCommands() {}

  /** Returns the text of a page, by the name of its file. */
  public static String page(String name) throws IOException {
    return Files.readString(ROOT.resolve("docs").resolve(name));
  }

  /**
   * The commands of a page, without {@code ./reverie}, in the order of the page.
   *
   * @param places what the first folder of a path is here, by its name on the page; {@code arms}
   *     and {@code models} are the checkout's where nothing is said of them
   */
  public static List<List<String>> of(String page, Map<String, Path> places) {
    return COMMAND
        .matcher(page)
        .results()
        .map(line -> line.group(1).strip().split(" +"))
        .map(
            words ->
                Stream.concat(
                        Stream.of(words[0]), // a command, though a folder may be called so too
                        Stream.of(words).skip(1).map(word -> there(word, places)))
                    .toList())
        .toList();
  }

  private static String there(String word, Map<String, Path> places) {
    String first = word.split("/", 2)[0];
    Path place = places.getOrDefault(first, OWN.contains(first) ? ROOT.resolve(first) : null);
    return place == null ? word : place + word.substring(first.length());
  }
}
