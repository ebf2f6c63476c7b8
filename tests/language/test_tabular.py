"""Reading tables as Excel and Notepad save them."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.tabular import TableProblem, cell_columns, read_sheet

TEXT = "code;worklist\r\n0042;Neurologie à 20 €\r\n2WW;chest\r\n"
CELLS = ("0042", "Neurologie à 20 €"), ("2WW", "chest")


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        codecs.BOM_UTF8 + TEXT.encode("utf-8"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("cp1252"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", ",").encode(),
        ("sep=;\r\n" + TEXT).encode(),
        (TEXT + ";\r\n;\r\n").encode(),
        TEXT.replace("\r\n", ";;\r\n").encode(),
        TEXT.replace("code;", '"Code"; ').encode(),
        TEXT.replace("0042;", '0042; "').replace("20 €", '20 €"').encode(),
    ],
)
def test_every_way_of_saving_gives_the_same_cells(content: bytes) -> None:
    """The PACS team does not know its encoding, and must not have to."""
    sheet = read_sheet(content)

    assert sheet.columns == ("code", "worklist")
    assert tuple(row.cells for row in sheet.rows) == CELLS


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "the file is empty: the first line must name the columns", 1),
        ("a,b\n1,2\n3\n", "row 3 has 1 cell, the header 2", 3),
        ("a,b\n1,2,3\n", "row 2 has 3 cells, the header 2", 2),
        ("a,a\n", "the column `a` is there twice", 1),
        ("a,,b\n", "a column has no name", 1),
        ('a,b\n1,"2\n3,4\n', "the quotes of this row do not pair up", 2),
        ("a\x00b\n", "this is not text", 1),
    ],
)
def test_a_table_out_of_order_is_refused_with_its_line(text: str, message: str, line: int) -> None:
    """A table that is read in part would lose studies in silence."""
    with pytest.raises(TableProblem) as caught:
        read_sheet(text.encode())

    assert (caught.value.message, caught.value.line) == (message, line)


def test_a_workbook_is_named_as_one() -> None:
    """The commonest mistake has the plainest answer."""
    with pytest.raises(TableProblem, match="this is a workbook, not CSV"):
        read_sheet(b"PK\x03\x04\x14\x00")


def test_line_numbers_are_those_of_the_editor() -> None:
    """A quoted cell may hold line breaks; the row is where it begins."""
    sheet = read_sheet(b'a,b\n"x\ny",1\n\nz,2\n')

    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ("x\ny", "1")), (5, ("z", "2"))]


def test_a_cell_is_found_again_in_its_line() -> None:
    """The underline of a finding stands under the cell that is wrong."""
    sheet = read_sheet(b'a,b,c\n"x,""y", two ,3\n')

    assert [cell_columns(sheet, 2, index) for index in range(3)] == [(1, 8), (10, 13), (15, 16)]


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_read_or_be_refused(content: bytes) -> None:
    """Whatever is found beside a rulebook, the answer is a table or a reason."""
    try:
        sheet = read_sheet(content)
    except TableProblem:
        return
    assert all(len(row.cells) == len(sheet.columns) for row in sheet.rows)


PLAIN = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff", exclude_categories=["Cc", "Cs"]), min_size=1
)


@given(st.lists(st.lists(PLAIN.map(str.strip).filter(bool), min_size=2, max_size=2), min_size=1, max_size=8))
def test_cells_come_back_as_they_were_quoted(rows: list[list[str]]) -> None:
    """Quotes, separators and accents inside a quoted cell are text."""
    quoted = ["a,b", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]

    sheet = read_sheet("\n".join(quoted).encode())

    assert [list(row.cells) for row in sheet.rows] == rows
