package io.vipscope.tools;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Gives the classes of a jar a class file version that an AOT cache takes: it leaves out those of
 * Java 5 and older, picocli's among them, which have no stack maps and are verified at each start.
 *
 * <p>The launcher runs this once, when it makes the cache; the jar must be on the class path, since
 * a stack map needs to know which class extends which.
 */
final class ModernJar {

  private static final int NEEDS_NO_CHANGE = ClassFile.JAVA_8_VERSION;

  private ModernJar() {}

  /** Arguments: the jar to read, the jar to write. */
  public static void main(String[] args) throws IOException {
    write(Path.of(args[0]), Path.of(args[1]));
  }

  static void write(Path from, Path to) throws IOException {
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(from));
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] bytes = in.readAllBytes();
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(entry.getName().endsWith(".class") ? modern(bytes) : bytes);
        out.closeEntry();
      }
    }
  }

  private static byte[] modern(byte[] bytes) {
    ClassFile classFile =
        ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(ClassLoader.getSystemClassLoader())));
    var model = classFile.parse(bytes);
    if (model.majorVersion() >= NEEDS_NO_CHANGE) {
      return bytes;
    }
    ClassTransform version =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(NEEDS_NO_CHANGE, 0);
          } else {
            builder.with(element);
          }
        };
    // Methods that no transform passes through are copied as they are, without a stack map.
    return classFile.transformClass(
        model,
        version.andThen(
            ClassTransform.transformingMethodBodies((code, element) -> code.with(element))));
  }
}
