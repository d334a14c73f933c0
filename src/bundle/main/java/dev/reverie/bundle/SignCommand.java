package dev.reverie.bundle;

import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.SigningKeys;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie policy sign}. */
@Command(
    name = "sign",
    description = "Signs a bundle, beside whoever has signed it before; or makes a pair of keys.",
    mixinStandardHelpOptions = true)
final class SignCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "BUNDLE", description = "The policy's folder.")
  private @Nullable Path bundle;

  @ArgGroup(multiplicity = "1")
  private Keys keys = new Keys();

  private static final class Keys {
    @Option(
        names = "--key",
        paramLabel = "FILE",
        description = "Private key of Ed25519, PEM (PKCS 8).")
    private @Nullable Path key;

    @Option(
        names = "--new-key",
        paramLabel = "FILE",
        description =
            "Writes a new private key there, for its owner alone, and the public one beside it"
                + " (.pub.pem), which goes to the robots.")
    private @Nullable Path newKey;

    @Option(
        names = "--changed",
        description =
            "Takes a bundle.json that was changed on purpose: the bundle has another id from now"
                + " on, and no signature.")
    private boolean changed;
  }

  @Override
  public Integer call() {
    PrintWriter print = spec.commandLine().getOut();
    if (keys.changed) {
      print.printf("%s is bundle %s now%n", bundle, BundleSignature.renew(required("--changed")));
      print.flush();
      return 0;
    }
    Path made = keys.newKey;
    if (made != null) {
      Path open = SigningKeys.create(made);
      print.printf("%s is the private key, which stays here%n", made);
      print.printf("%s is the public key, for the folder swap.keys of the robots%n", open);
    }
    Path key = made == null ? keys.key : made;
    if (key != null && (bundle != null || made == null)) {
      BundleSignature.sign(required("--key"), SigningKeys.privateKey(key));
      print.printf("%s is signed%n", bundle);
    }
    print.flush();
    return 0;
  }

  private Path required(String option) {
    if (bundle == null) {
      throw new ParameterException(
          spec.commandLine(),
          "%s is for a bundle, and none is given; give its folder".formatted(option));
    }
    return bundle;
  }
}
