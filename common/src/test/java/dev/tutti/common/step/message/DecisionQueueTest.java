package dev.tutti.common.step.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.step.run.ProcessId;
import org.junit.jupiter.api.Test;

class DecisionQueueTest {
    private static final ProcessId MEMBER = new ProcessId(3);

    @Test
    void whatMembersWaitForComesBeforeWhatIsWrittenDownEachInItsOrder() {
        var out = new DecisionQueue();
        out.note("first");
        out.add(new Decision.Publish(MEMBER, 1));
        out.add(new Decision.Completed());
        out.warn("second");
        out.add(new Decision.Publish(MEMBER, 2));

        assertThat(out.take())
                .containsExactly(
                        new Decision.Publish(MEMBER, 1),
                        new Decision.Warning("second"),
                        new Decision.Publish(MEMBER, 2),
                        new Decision.Note("first"),
                        new Decision.Completed());
        assertThat(out.take()).isEmpty();
    }
}
