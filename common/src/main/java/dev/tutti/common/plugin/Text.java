package dev.tutti.common.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What {@link RecordTexts} must know of a record's component beyond its name and type. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Text {
    /** Returns the name of the text; if empty, it is the component's name in kebab case. */
    String name() default "";

    /** Returns the smallest number that is read. */
    long min() default Long.MIN_VALUE;

    /** Returns the largest number that is read. */
    long max() default Long.MAX_VALUE;

    /** Returns how long the text may be that is read. */
    int charactersMax() default 1 << 16;

    /** Tells whether the bits of a run follow from the component. */
    boolean bits() default true;

    /**
     * Returns the text that an older release meant, which did not know the component; empty if all
     * releases know it.
     */
    String implied() default "";
}
