package dev.reverie.arm;

import dev.reverie.rollout.GitLfs;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.w3c.dom.Text;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The XML of a URDF: what cannot be read is refused, xacro that was left in is found. */
final class UrdfXml {
  /** An expression, or an argument, that xacro would have replaced. */
  private static final Pattern XACRO =
      Pattern.compile("\\$\\{|\\$\\(\\s*(arg|find|eval|env|optenv|dirname|cwd|anon)\\b");

  /** Elements that xacro of before its prefix has right below the robot, and no URDF has. */
  private static final Set<String> UNPREFIXED = Set.of("include", "macro");

  /** Signs that URDFs have and parsers of URDF take, though they are no XML: a bare {@code &}. */
  private static final Pattern BARE =
      Pattern.compile("&(?!(amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)");

  /** Parts that tell nothing of the robot, and may be what XML does not allow, such as dashes. */
  private static final Pattern ASIDE =
      Pattern.compile("(?s)<!--.*?-->|<!DOCTYPE\\s+[\\w.:-]+\\s*>");

  /** The first line of a file, of which the text as it was read needs nothing. */
  private static final Pattern DECLARATION = Pattern.compile("^<\\?xml\\s[^>]*\\?>");

  /** Characters of a text that is none of XML and is told. */
  private static final int TOLD = 60;

  /** The origin of a URDF's text, for what is said of it. */
  enum From {
    TOPIC("robot_description", "publish"),
    /** Whose name stands before what is said. */
    FILE("it", "write");

    private final String subject;
    private final String verb;

    From(String subject, String verb) {
      this.subject = subject;
      this.verb = verb;
    }
  }

  private UrdfXml() {}

  /**
   * Returns the element {@code <robot>}.
   *
   * @throws ArmException where the text is no XML, or something else than a URDF
   */
  static Element robot(String xml, From from) {
    GitLfs.pointer(xml)
        .ifPresent(
            told -> {
              throw new ArmException("the URDF is " + told);
            });
    if (xml.isBlank()) {
      throw new ArmException("%s is empty; %s a URDF".formatted(from.subject, from.verb));
    }
    Element robot = document(BARE.matcher(plain(xml, from)).replaceAll("&amp;"), from);
    if (!robot.getTagName().equals("robot")) {
      throw new ArmException(
          "%s is <%s>; %s a URDF, which starts with <robot>"
              .formatted(from.subject, robot.getTagName(), from.verb));
    }
    return robot;
  }

  /** The text from its first element on, without the zero that ends it in C. */
  private static String plain(String xml, From from) {
    String whole = xml.replaceFirst("^\\s*\uFEFF", "").replaceFirst("[\0\\s]+$", "");
    String plain = ASIDE.matcher(whole).replaceAll("").strip();
    if (!plain.isEmpty() && !plain.startsWith("<")) {
      String begin = plain.lines().findFirst().orElse("");
      throw new ArmException(
          "%s begins with '%s', which is no XML; %s"
              .formatted(
                  from.subject,
                  begin.substring(0, Math.min(TOLD, begin.length())),
                  from == From.FILE
                      ? "give the file of a URDF, which begins with <robot>"
                      : "publish the text of a URDF, not its file's name or anything else"));
    }
    return DECLARATION.matcher(plain).replaceFirst("");
  }

  private static Element document(String xml, From from) {
    try {
      var factory = DocumentBuilderFactory.newInstance();
      // No DTD: a description from the network must not make this process open files or addresses.
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null); // errors are thrown, not printed
      return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
    } catch (SAXException e) {
      throw new ArmException(
          "%s is no readable URDF: %s".formatted(from.subject, told(e, from)), e);
    } catch (IOException | ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String told(SAXException e, From from) {
    String said = String.valueOf(e.getMessage());
    if (said.contains("DOCTYPE")) {
      return "it has a <!DOCTYPE ..> with definitions, which are not read; remove it";
    }
    if (said.contains("maxElementDepth")) {
      return "its elements are nested more than 100 deep; take the extra ones out";
    }
    return said.replaceFirst("\\.$", "") + "; " + from.verb + " valid XML";
  }

  /** Says what of xacro was left in, if any; that its namespace is declared means nothing. */
  static Optional<String> xacro(Element robot, From from) {
    return left(robot)
        .map(
            left ->
                "%s has %s: this is xacro; expand it: xacro FILE > FILE.urdf"
                    .formatted(from.subject, left.strip()));
  }

  /** Returns what of xacro was left in, as it stands there. */
  private static Optional<String> left(Element robot) {
    List<String> tags = new ArrayList<>(List.of("xacro:"));
    attributes(robot)
        .forEach(
            (name, value) -> {
              if (name.startsWith("xmlns:") && value.endsWith("/xacro")) {
                tags.add(name.substring("xmlns:".length()) + ":");
              }
            });
    return xacro(robot, tags)
        .or(
            () ->
                UNPREFIXED.stream()
                    .flatMap(tag -> child(robot, tag).stream())
                    .findFirst()
                    .map(old -> "<" + old.getTagName() + ">"));
  }

  private static Optional<String> xacro(Element element, List<String> tags) {
    String tag = element.getTagName();
    List<String> found = new ArrayList<>();
    if (tags.stream().anyMatch(tag::startsWith)) {
      found.add("<" + tag + ">");
    }
    attributes(element)
        .forEach(
            (name, value) -> {
              if (name.startsWith("xacro:") || XACRO.matcher(value).find()) {
                found.add("<%s %s=\"%s\">".formatted(tag, name, value));
              }
            });
    for (var node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child) {
        xacro(child, tags).ifPresent(found::add);
      } else if (node instanceof Text text && XACRO.matcher(text.getData()).find()) {
        found.add("<%s>%s".formatted(tag, text.getData()));
      }
    }
    return found.stream().findFirst();
  }

  /** The element's children of this name, in their order. */
  static List<Element> children(Element element, String tag) {
    List<Element> found = new ArrayList<>();
    for (var node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element e && e.getTagName().equals(tag)) {
        found.add(e);
      }
    }
    return found;
  }

  /** The first child of this name. */
  static Optional<Element> child(Element element, String tag) {
    return children(element, tag).stream().findFirst();
  }

  /** An attribute that must be there. */
  static String attribute(Element element, String attribute) {
    if (!element.hasAttribute(attribute)) {
      throw new ArmException(
          "URDF <%s> of '%s' lacks the attribute '%s'; add it"
              .formatted(element.getTagName(), owner(element), attribute));
    }
    return element.getAttribute(attribute);
  }

  /** The attributes as they stand. */
  static Map<String, String> attributes(Element element) {
    Map<String, String> found = new HashMap<>();
    NamedNodeMap attributes = element.getAttributes();
    for (int i = 0; i < attributes.getLength(); i++) {
      Node attribute = attributes.item(i);
      found.put(attribute.getNodeName(), attribute.getNodeValue());
    }
    return found;
  }

  /** Reads a number as the common parsers do; NaN where it is none. */
  static double number(String text) {
    String plain = text.strip();
    if (plain.matches("[+-]?(inf|infinity|INF|Infinity)")) {
      return plain.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    try {
      return plain.matches("[-+.0-9eE]+") ? Double.parseDouble(plain) : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** The name of an element, or of the one that it belongs to. */
  static String owner(Element element) {
    return element.hasAttribute("name") || !(element.getParentNode() instanceof Element parent)
        ? element.getAttribute("name")
        : parent.getAttribute("name");
  }
}
