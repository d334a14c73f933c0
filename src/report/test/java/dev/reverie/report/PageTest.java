package dev.reverie.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class PageTest {
  @Test
  void namesOfAnyKindStandInAPageAsTheyAre() throws Exception {
    var chart = new LineChart("a < \"b\" & c", "step", List.of(new LineChart.Point(0, 1)));
    Element title = (Element) svg(chart.svg()).getElementsByTagName("text").item(0);
    assertEquals("a < \"b\" & c", title.getTextContent());
    String page = Page.html("<script>", "<h1>x</h1>");
    assertTrue(page.contains("<title>&lt;script&gt;</title>"), page);
    assertTrue(page.contains("</style><h1>x</h1></html>"), page);
  }

  @Test
  void numbersWithAndWithoutIntervalsStandOnOneScale() throws Exception {
    var chart =
        new IntervalChart(
            "Success",
            1,
            List.of(
                row("real", "blue", Interval.wilson(1, 2)),
                row("imagined", "gold", Interval.none(0.5))));
    Element svg = svg(chart.svg());
    Element real = (Element) svg.getElementsByTagName("circle").item(0);
    Element imagined = (Element) svg.getElementsByTagName("circle").item(1);
    assertEquals(real.getAttribute("cx"), imagined.getAttribute("cx"));
    assertEquals("337.0", real.getAttribute("cx"), "half the way from 190 to 484");
    assertEquals("gold", imagined.getAttribute("class"));
  }

  private static IntervalChart.Row row(String name, String colour, Interval interval) {
    return new IntervalChart.Row(name, List.of(new IntervalChart.Mark(colour, interval)));
  }

  @Test
  void aMovingPictureHoldsItsStripAndStepsThroughItsFrames() throws Exception {
    var strip = new BufferedImage(12, 3, BufferedImage.TYPE_INT_RGB);
    strip.setRGB(11, 2, 0xC0FFEE);
    String html = new MovingPicture(4, strip).html("after practice");
    assertTrue(html.contains("aspect-ratio:4/3"), html);
    assertTrue(html.contains("background-size:300% 100%"), html);
    assertTrue(html.contains("animation-duration:0.3s"), html);
    assertTrue(html.contains("steps(3,jump-none)"), html);
    String data = html.substring(html.indexOf("base64,") + 7, html.indexOf(");"));
    var read = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(data)));
    assertEquals(0xC0FFEE, read.getRGB(11, 2) & 0xFFFFFF);
    assertThrows(IllegalArgumentException.class, () -> new MovingPicture(5, strip));
  }

  private static Element svg(String text) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text)))
        .getDocumentElement();
  }
}
