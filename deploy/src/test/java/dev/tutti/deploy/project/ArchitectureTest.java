package dev.tutti.deploy.project;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between the modules, and the purity of {@code common}. */
class ArchitectureTest {
    private static final JavaClasses ALL =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.tutti");

    @Test
    void modulesDependAlongTheArrowsOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.tutti..")
                .layer("common")
                .definedBy("dev.tutti.common..")
                .layer("proto")
                .definedBy("dev.tutti.proto..")
                .layer("coordinator")
                .definedBy("dev.tutti.coordinator..")
                .layer("worker")
                .definedBy("dev.tutti.worker..")
                .layer("deploy")
                .definedBy("dev.tutti.deploy..")
                .whereLayer("deploy")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("coordinator")
                .mayOnlyBeAccessedByLayers("deploy")
                .whereLayer("worker")
                .mayOnlyBeAccessedByLayers("deploy")
                .whereLayer("proto")
                .mayOnlyBeAccessedByLayers("coordinator", "worker", "deploy")
                .check(ALL);
    }

    /** A relay is a coordinator and a worker, but nothing of the command line. */
    @Test
    void relayIsMadeOfBothSidesAlone() {
        noClasses()
                .that()
                .resideInAPackage("dev.tutti.deploy.relay..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.tutti.deploy.option..",
                        "dev.tutti.deploy.run..",
                        "dev.tutti.deploy.local..",
                        "dev.tutti.deploy.command..",
                        "picocli..",
                        "com.typesafe.config..")
                .check(ALL);
    }

    /** What is measured is started and watched; the command line only asks for it. */
    @Test
    void measurementsKnowNoCommandLine() {
        noClasses()
                .that()
                .resideInAPackage("dev.tutti.deploy.bench.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.tutti.deploy.option..",
                        "dev.tutti.deploy.command..",
                        "picocli..",
                        "com.typesafe.config..")
                .check(ALL);
    }

    /** The packages of a parent, from the bottom up; "" is the parent itself. */
    static Stream<Arguments> packages() {
        return Stream.of(
                arguments(
                        "dev.tutti.common.step",
                        "run compute course message lease coordinate worker relay"),
                arguments("dev.tutti.common.nn", "init loss layer"),
                arguments("dev.tutti.common.average", "batch mixing rule attack pipeline observe"),
                arguments("dev.tutti.common.sync", "order"),
                arguments("dev.tutti.coordinator", "file stream record checkpoint"),
                arguments(
                        "dev.tutti.worker.data",
                        "text numpy image table source target csv parquet matrix download idx folder drawn"),
                arguments(
                        "dev.tutti.deploy",
                        "process cli ground machine option model predict report data checks export run local study relay certs bench simulate command"),
                arguments("dev.tutti.deploy.bench", "peer measure"));
    }

    /** What a package-info says that its package may use. */
    @ParameterizedTest
    @MethodSource("packages")
    void packagesUseThoseBelowThemOnly(String parent, String order) {
        var names = new ArrayList<>(List.of(order.split(" ")));
        names.replaceAll(name -> parent + "." + name);
        assertThat(ALL.getPackage(parent).getSubpackages().stream().map(JavaPackage::getName))
                .containsExactlyInAnyOrderElementsOf(names);
        for (var i = 0; i < names.size(); i++) {
            var above = new ArrayList<>(List.of(parent));
            names.subList(i + 1, names.size()).forEach(name -> above.add(name + ".."));
            noClasses()
                    .that()
                    .resideInAPackage(names.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above.toArray(String[]::new))
                    .allowEmptyShould(true)
                    .check(ALL);
        }
    }

    /** A package is one idea; a catalogue of plug-ins is one too, however many there are. */
    @Test
    void packagesHoldAtMostTwentyTypes() {
        var types =
                ALL.stream()
                        .filter(type -> type.isTopLevelClass())
                        .filter(type -> !type.getSimpleName().equals("package-info"))
                        .filter(type -> !type.getPackageName().equals("dev.tutti.proto.v1"))
                        .collect(
                                Collectors.groupingBy(
                                        JavaClass::getPackageName, Collectors.counting()));
        types.keySet().removeAll(Set.of("dev.tutti.common.nn.layer", "dev.tutti.common.optim"));
        assertThat(types).allSatisfy((name, count) -> assertThat(count).as(name).isLessThan(21));
    }

    @Test
    void commonStandsOnTheJavaLanguageAlone() {
        classes()
                .that()
                .resideInAPackage("dev.tutti.common..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.tutti.common..", "java..", "org.jspecify..")
                .check(ALL);
    }

    /** Memory outside the heap is Java's own; what a C library does with it is the worker's. */
    @Test
    void commonCallsNoNativeCode() {
        noClasses()
                .that()
                .resideInAPackage("dev.tutti.common..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Linker.class, SymbolLookup.class)
                .check(ALL);
    }

    @Test
    void commonKnowsNoFileClockSocketOrUnseededRandomness() {
        noClasses()
                .that()
                .resideInAPackage("dev.tutti.common..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..", "java.nio.file..", "java.net..", "java.time.temporal..")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
                .check(ALL);
    }

    /** A thread made elsewhere would fail in silence, and in no test. */
    @Test
    void onlyThreadsMakesThreads() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.tutti.proto.life.Threads")
                .and()
                // The end itself, which must not depend on what it watches; and hooks of the JVM's
                // end.
                .resideOutsideOfPackages("dev.tutti.deploy.process..", "dev.tutti.deploy.bench..")
                .and()
                // Two runs in one JVM, to record classes; nobody waits for it.
                .doNotHaveFullyQualifiedName("dev.tutti.deploy.Rehearsal")
                .should()
                .callMethod(Thread.class, "ofPlatform")
                .orShould()
                .callMethod(Thread.class, "ofVirtual")
                .orShould()
                .callMethod(Thread.class, "startVirtualThread", Runnable.class)
                .orShould()
                .callConstructor(Thread.class, Runnable.class)
                .orShould()
                .callConstructor(Thread.class, Runnable.class, String.class)
                .orShould()
                .callMethod(Executors.class, "newFixedThreadPool", int.class)
                .orShould()
                .callMethod(Executors.class, "newScheduledThreadPool", int.class)
                .orShould()
                .callMethod(Executors.class, "newSingleThreadExecutor")
                .orShould()
                .callMethod(Executors.class, "newSingleThreadScheduledExecutor")
                .orShould()
                .callMethod(Executors.class, "newCachedThreadPool")
                .orShould()
                .callMethod(Executors.class, "newVirtualThreadPerTaskExecutor")
                .orShould()
                .beAssignableTo(Thread.class)
                .check(ALL);
    }

    @Test
    void onlyMainEndsTheProcess() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.tutti.deploy.Main")
                .should()
                .callMethod(System.class, "exit", int.class)
                .check(ALL);
    }
}
