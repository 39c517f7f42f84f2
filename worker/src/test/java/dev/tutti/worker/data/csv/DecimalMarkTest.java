package dev.tutti.worker.data.csv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.text.DecimalMark;
import dev.tutti.worker.data.text.PlainNumber;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalMarkTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            textBlock =
                    """
                    5,1;3,5                    !         ! 5.1 3.5              ! comma
                    5,1;3                      !         ! 5.1 3                ! comma
                    0,123;-1,234               !         ! 0.123 -1.234         ! comma
                    1,5e3;,5                   !         ! 1500 0.5             ! comma
                    1.234,5;1.234              !         ! 1234.5 1234          ! comma
                    1.234.567,25;5,1           !         ! 1234567.25 5.1       ! comma
                    +1234,5;5                  !         ! 1234.5 5             ! comma
                    "Doe, Ann";5,1             !         ! word 5.1             ! comma
                    "1,234.5","1,234"          !         ! 1234.5 1234          ! thousands
                    "1,234,567",5.1            !         ! 1234567 5.1          ! thousands
                    1,234.5;1,234              !         ! 1234.5 1234          ! thousands
                    1 234,5;1 234              !         ! 1234.5 1234          ! comma
                    1\u00a0234,567;-12\u202f345\u202f678,9 ! ! 1234.567 -12345678.9 ! comma
                    1'234.5;1'234              !         ! 1234.5 1234          ! ``
                    1\u2019234\u2019567;5.1    !         ! 1234567 5.1          ! ``
                    1 234;1'234                !         ! 1234 1234            ! ``
                    1 234'567;1 23             !         ! word word            ! ``
                    0 234;1234 567             !         ! word word            ! ``
                    5.1;3.5                    !         ! 5.1 3.5              ! ``
                    1.234;2.345                !         ! 1.234 2.345          ! ``
                    10.100.200.111;5.1         !         ! word 5.1             ! ``
                    "1,234",5.1                ! point   ! 1234 5.1             ! ``
                    "1,234",5                  ! comma   ! 1.234 5              ! ``
                    "5,1","3,5"                ! comma   ! 5.1 3.5              ! ``
                    1.234;5                    ! comma   ! 1234 5               ! ``
                    1,234;2,345                ! comma   ! 1.234 2.345          ! ``
                    """)
    void aNumberIsReadAsItIsWritten(String line, String decimal, String expected, String said) {
        try (var table = table("a?b\n" + line + "\n", decimal)) {
            assertThat(table.next()).isTrue();
            var read = new ArrayList<String>();
            for (var column = 0; column < 2; column++) {
                var cell = table.cell(column);
                read.add(
                        PlainNumber.isNumber(cell)
                                ? Double.toString(table.number(column))
                                : "word");
            }
            assertThat(read).containsExactlyElementsOf(figures(expected));
            assertThat(String.join(" ", table.notes())).contains(said);
            assertThat(table.notes().stream().anyMatch(note -> note.contains("--decimal")))
                    .isEqualTo(!said.isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            textBlock =
                    """
                    "1,234",5.1/"2,345",4.9    !         ! "1,234" could be 1.234 or 1234: give --decimal comma for the first, --decimal point for the second
                    1,234;x/2,345;y            !         ! "1,234" could be 1.234 or 1234: give --decimal comma for the first, --decimal point for the second
                    1,5;1/1.234;2              !         ! "1.234" could be 1234 or 1.234: give --decimal comma for the first, --decimal point for the second
                    "5,1",3/"4,9",2            !         ! "5,1" is not a finite number with a decimal point; --decimal comma takes it as 5.1
                    5,1;3/4.9;2                !         ! "4.9" is not a finite number with a decimal comma, which other numbers of the table have; --decimal point takes it as 4.9
                    5,1;3/1,234.5;2            !         ! "5,1" is not a finite number with a decimal point; --decimal comma takes it as 5.1
                    5.1;3                      ! comma   ! "5.1" is not a finite number with a decimal comma; --decimal point takes it as 5.1
                    1.234,5;3                  ! point   ! "1.234,5" is not a finite number with a decimal point; --decimal comma takes it as 1234.5
                    1 234.5;3/4,5;3            !         ! "1 234.5" is not a finite number with a decimal comma, which other numbers of the table have; --decimal point takes it as 1234.5
                    1'234.5;3                  ! comma   ! "1'234.5" is not a finite number with a decimal comma; --decimal point takes it as 1234.5
                    1.234.567;3                !         ! "1.234.567" is not a finite number; --decimal comma takes it as 1234567
                    1,234,567;3/5,1;2          ! comma   ! "1,234,567" is not a finite number; --decimal point takes it as 1234567
                    1,2345,678;3               !         ! "1,2345,678" is not a finite number
                    1,234,56;3                 !         ! "1,234,56" is not a finite number
                    12,345,6;3                 ! comma   ! "12,345,6" is not a finite number
                    1.234.5;3                  ! comma   ! "1.234.5" is not a finite number
                    0.123.456;3                ! comma   ! "0.123.456" is not a finite number
                    """)
    void aNumberThatCouldBeTwoIsRefusedWithTheOption(
            String lines, String decimal, String expected) {
        try (var table = table("a?b\n" + lines.replace('/', '\n') + "\n", decimal)) {
            assertThatThrownBy(
                            () -> {
                                while (table.next()) {
                                    table.number(0);
                                }
                            })
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith("text: line ")
                    .hasMessageEndingWith(", column \"a\": " + expected);
        }
    }

    private static List<String> figures(String expected) {
        return List.of(expected.split(" ")).stream()
                .map(figure ->
                        figure.equals("word") ? figure : Double.toString(Float.parseFloat(figure)))
                .toList();
    }

    /** The names are separated as the first line is. */
    private static CsvTable table(String text, String decimal) {
        var named = text.replace('?', text.indexOf(';') < 0 ? ',' : ';');
        var reading =
                decimal == null
                        ? Reading.FOUND_OUT
                        : Reading.FOUND_OUT.withDecimal(
                                decimal.equals("comma") ? DecimalMark.COMMA : DecimalMark.POINT);
        return new CsvTable("text", new ByteArrayInputStream(named.getBytes(UTF_8)), reading);
    }
}
