package dev.tutti.deploy.project;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.time.Instant;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

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
                .resideInAPackage("dev.tutti.deploy")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "com.typesafe.config..")
                .check(ALL);
    }

    /** What is measured is started and watched; the command line only asks for it. */
    @Test
    void benchKnowsNoCommandLine() {
        noClasses()
                .that()
                .resideInAPackage("dev.tutti.deploy.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tutti.deploy")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "com.typesafe.config..")
                .check(ALL);
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
