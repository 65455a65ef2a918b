package io.vipscope.core;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

/** The walls between the rooms of core. */
@AnalyzeClasses(packages = "io.vipscope.core", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String MODEL = "io.vipscope.core.model..";
  private static final String[] HOT = {
    "io.vipscope.core.frame..",
    "io.vipscope.core.ring..",
    "io.vipscope.core.worker..",
    "io.vipscope.core.flow..",
    "io.vipscope.core.verdict..",
    "io.vipscope.core.sink.."
  };

  @ArchTest
  static final ArchRule HOT_ROOMS_DO_NOT_KNOW_THE_MODEL =
      noClasses()
          .that()
          .resideInAnyPackage(HOT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(MODEL, "io.vipscope.core.pipeline..");

  @ArchTest
  static final ArchRule THE_MODEL_KNOWS_ADDRESSES_AND_NOTHING_ELSE =
      classes()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              MODEL,
              "io.vipscope.core.net..",
              "java.lang..",
              "java.util",
              "java.util.function",
              "java.util.stream",
              "java.util.concurrent.atomic",
              "org.jspecify..");

  @ArchTest
  static final ArchRule THE_MODEL_ALWAYS_GIVES_THE_SAME_ANSWER =
      noClasses()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.util\\.(.*Random.*|Date|Timer|UUID|Locale\\.Category)")
          .orShould()
          .callMethodWhere(target(owner(assignableTo(System.class))).and(target(name("nanoTime"))))
          .orShould()
          .callMethodWhere(
              target(owner(assignableTo(System.class))).and(target(name("currentTimeMillis"))))
          .orShould()
          .callMethodWhere(target(owner(assignableTo(System.class))).and(target(name("getenv"))))
          .orShould()
          .callMethodWhere(target(owner(assignableTo(Math.class))).and(target(name("random"))));

  @ArchTest
  static final ArchRule OWNERSHIP_KNOWS_FRAMES_BUT_NOT_THE_MODEL =
      noClasses()
          .that()
          .resideInAPackage("io.vipscope.core.ownership..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              MODEL,
              "io.vipscope.core.pipeline..",
              "io.vipscope.core.flow..",
              "io.vipscope.core.worker..");

  @ArchTest
  static final ArchRule CORE_TOUCHES_NO_FILE_AND_NO_SOCKET =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..",
              "java.net..",
              "java.nio.file..",
              "java.nio.channels..",
              "io.vipscope.capture..",
              "io.vipscope.tools..");

  @ArchTest
  static final ArchRule FRAMES_ARE_HANDLED_WITHOUT_BOXES =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.vipscope.core.frame..", "io.vipscope.core.ring..", "io.vipscope.core.flow..")
          .should()
          .callMethodWhere(
              target(owner(assignableTo(Number.class)))
                  .and(target(name("valueOf")))
                  .as("box a number"));

  @ArchTest
  static final ArchRule EVERY_PACKAGE_IS_NULL_MARKED =
      classes()
          .that()
          .resideInAPackage("io.vipscope.core..")
          .should(
              new ArchCondition<JavaClass>("stand in a @NullMarked package") {
                @Override
                public void check(JavaClass item, ConditionEvents events) {
                  boolean marked =
                      item.getPackage().tryGetAnnotationOfType(NullMarked.class).isPresent();
                  events.add(new SimpleConditionEvent(item, marked, item.getName()));
                }
              });
}
