package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.msgs.test_msgs.ArraysService;
import dev.reverie.msgs.test_msgs.BasicTypesService;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

@Prepared
class ServicesTest {
  @Test
  void rclpyGetsResponsesFromJavaAtOnceAndLater() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "call")) {
      ros.node.createService(
          SetBool.TYPE,
          "set_bool",
          request -> new SetBool.Response(request.data(), "from Java: é"));
      var open = new ArrayList<Runnable>();
      ros.node.createService(
          SetBool.TYPE,
          "later",
          (request, responder) -> {
            open.add(() -> responder.respond(new SetBool.Response(request.data(), "")));
            if (open.size() == 5) {
              // In the reverse order, and not on the executor's thread.
              Thread.ofVirtual().start(() -> open.reversed().forEach(Runnable::run));
            }
          });
      ros.node.createService(
          ArraysService.TYPE,
          "arrays",
          request -> new ArraysService.Response().withStringValues(request.stringValues()));
      for (int i = 0; i < 10; i++) {
        assertEquals((i % 2 == 0 ? "True" : "False") + " from Java: é", peer.await("set_bool"));
      }
      assertEquals("True False True False True", peer.await("later"));
      assertEquals("True", peer.await("arrays"));
      peer.awaitEnd();
    }
  }

  @Test
  void aResponseForAClientThatIsNotKnownIsTriedAgainAndBreaksNothing() throws Exception {
    try (var ros = new TestRos()) {
      Service<SetBool.Request, SetBool.Response> service =
          ros.node.createService(
              SetBool.TYPE, "set_bool", request -> new SetBool.Response(request.data(), "here"));
      service.respond(new Service.RequestId(1, 2, 3), new SetBool.Response(true, "to nobody"));
      Client<SetBool.Request, SetBool.Response> client =
          ros.node.createClient(SetBool.TYPE, "set_bool");
      assertTrue(client.waitForService(TestRos.TIMEOUT));
      assertEquals("here", TestRos.get(client.call(new SetBool.Request(true))).message());
    }
  }

  @Test
  void javaGetsResponsesFromRclpy() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "serve")) {
      Client<SetBool.Request, SetBool.Response> client =
          ros.node.createClient(SetBool.TYPE, "set_bool");
      Client<BasicTypesService.Request, BasicTypesService.Response> echo =
          ros.node.createClient(BasicTypesService.TYPE, "basic_types");
      assertTrue(client.waitForService(TestRos.TIMEOUT));
      assertTrue(echo.waitForService(TestRos.TIMEOUT));
      peer.await("met services");
      List<CompletableFuture<SetBool.Response>> calls =
          List.of(true, false, true).stream()
              .map(data -> client.call(new SetBool.Request(data)))
              .toList();
      assertEquals(new SetBool.Response(false, "said é"), TestRos.get(calls.get(0)));
      assertEquals(new SetBool.Response(true, "said é"), TestRos.get(calls.get(1)));
      assertEquals(new SetBool.Response(false, "said é"), TestRos.get(calls.get(2)));
      BasicTypesService.Request request =
          new BasicTypesService.Request()
              .withFloat64Value(-1.5)
              .withUint64Value(-1)
              .withBoolValue(true);
      BasicTypesService.Response response = TestRos.get(echo.call(request));
      assertEquals(-1.5, response.float64Value());
      assertEquals(-1, response.uint64Value());
      assertTrue(response.boolValue());
    }
  }

  @Test
  void aCallEndsWithAnExceptionWhenTheContextShutsDown() {
    try (var ros = new TestRos()) {
      Client<SetBool.Request, SetBool.Response> client =
          ros.node.createClient(SetBool.TYPE, "nobody");
      assertFalse(client.waitForService(Duration.ofMillis(20)));
      CompletableFuture<SetBool.Response> call = client.call(new SetBool.Request());
      ros.context.shutdown();
      ExecutionException failure = assertThrows(ExecutionException.class, call::get);
      assertInstanceOf(RclException.class, failure.getCause());
    }
  }
}
