package dev.reverie.rcljava;

import dev.reverie.testing.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Keys of enclaves in the layout that rcl looks for, made as {@code ros2 security} does. */
record Keystore(Path folder) {
  private static final String DOMAIN =
      "<domains><id>%s</id></domains>"
          .formatted(Objects.requireNonNullElse(System.getenv("ROS_DOMAIN_ID"), "0"));

  private static final String GOVERNANCE =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <dds xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:noNamespaceSchemaLocation="http://www.omg.org/spec/DDS-SECURITY/20170901/omg_shared_ca_governance.xsd">
        <domain_access_rules>
          <domain_rule>
            %s
            <allow_unauthenticated_participants>false</allow_unauthenticated_participants>
            <enable_join_access_control>true</enable_join_access_control>
            <discovery_protection_kind>ENCRYPT</discovery_protection_kind>
            <liveliness_protection_kind>ENCRYPT</liveliness_protection_kind>
            <rtps_protection_kind>SIGN</rtps_protection_kind>
            <topic_access_rules>
              <topic_rule>
                <topic_expression>*</topic_expression>
                <enable_discovery_protection>true</enable_discovery_protection>
                <enable_liveliness_protection>true</enable_liveliness_protection>
                <enable_read_access_control>true</enable_read_access_control>
                <enable_write_access_control>true</enable_write_access_control>
                <metadata_protection_kind>ENCRYPT</metadata_protection_kind>
                <data_protection_kind>ENCRYPT</data_protection_kind>
              </topic_rule>
            </topic_access_rules>
          </domain_rule>
        </domain_access_rules>
      </dds>
      """;

  private static final String PERMISSIONS =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <dds xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:noNamespaceSchemaLocation="http://www.omg.org/spec/DDS-SECURITY/20170901/omg_shared_ca_permissions.xsd">
        <permissions>
          <grant name="%1$s">
            <subject_name>CN=%1$s</subject_name>
            <validity>
              <not_before>2020-01-01T00:00:00</not_before>
              <not_after>2120-01-01T00:00:00</not_after>
            </validity>
            <allow_rule>
              %2$s
              <publish><topics><topic>*</topic></topics></publish>
              <subscribe><topics><topic>*</topic></topics></subscribe>
            </allow_rule>
            <default>DENY</default>
          </grant>
        </permissions>
      </dds>
      """;

  /** Makes a certificate authority, and an enclave for each name such as {@code /arm}. */
  static Keystore create(Path folder, String... enclaves) throws Exception {
    var keystore = new Keystore(folder);
    Files.createDirectories(folder.resolve("enclaves"));
    keystore.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=tests"
            + " -keyout ca.key -out ca.pem");
    Files.writeString(folder.resolve("governance.xml"), GOVERNANCE.formatted(DOMAIN));
    keystore.sign("governance");
    for (String enclave : enclaves) {
      keystore.addEnclave(enclave);
    }
    return keystore;
  }

  private void addEnclave(String name) throws Exception {
    Path enclave = folder.resolve("enclaves" + name);
    Files.createDirectories(enclave);
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=\\%s -keyout enclaves%s/key.pem -out request.pem"
            .formatted(name, name));
    openssl(
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -set_serial %d -days 2 -out enclaves%s/cert.pem"
            .formatted(name.hashCode() & 0xffff, name));
    Files.writeString(folder.resolve("permissions.xml"), PERMISSIONS.formatted(name, DOMAIN));
    sign("permissions");
    Files.copy(folder.resolve("governance.p7s"), enclave.resolve("governance.p7s"));
    Files.move(folder.resolve("permissions.p7s"), enclave.resolve("permissions.p7s"));
    Files.copy(folder.resolve("ca.pem"), enclave.resolve("identity_ca.cert.pem"));
    Files.copy(folder.resolve("ca.pem"), enclave.resolve("permissions_ca.cert.pem"));
  }

  private void sign(String name) throws Exception {
    openssl(
        "smime -sign -text -in %1$s.xml -out %1$s.p7s -signer ca.pem -inkey ca.key"
            .formatted(name));
  }

  private void openssl(String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("env", "-C", folder.toString(), "openssl"));
    command.addAll(List.of(arguments.split(" ")));
    Commands.run(60, command);
  }

  /** Returns the variables that let only programs with keys of this keystore take part. */
  Map<String, String> enforced() {
    return Map.of(
        "ROS_SECURITY_ENABLE",
        "true",
        "ROS_SECURITY_STRATEGY",
        "Enforce",
        "ROS_SECURITY_KEYSTORE",
        folder.toString());
  }
}
