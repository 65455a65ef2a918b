package io.vipscope.tools;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of an audit that name where its results go beside records and summary. */
final class OutputOptions {

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Write a report for a ticket into this folder: report.html (one file, pictures within),"
              + " report.md, report.json.")
  private @Nullable Path report;

  @Mixin private ServeOptions serve = new ServeOptions();

  /** Finds usage errors. */
  void check() {
    serve.check();
  }

  /** Opens what was asked for. */
  Outputs open(OutputContext context) {
    return new Outputs(context, report, serve);
  }
}
