"""Write Sources/Tokenization/Unicode/ScalarTables.swift: how the tokenizers treat every scalar.

The Hugging Face `tokenizers` library draws on several crates, each with its own
Unicode version, so no single version of the Unicode database describes it. This
script asks the library itself about every scalar, one after another, and writes
down the answers. The result does not depend on Python's Unicode version.

    pip install tokenizers==0.23.3
    python Scripts/generate_scalar_tables.py
"""

import pathlib
import textwrap

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

OUTPUT = pathlib.Path(__file__).parent.parent / "Sources/Tokenization/Unicode/ScalarTables.swift"


def bert(**settings):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**(off | settings)).normalize_str


clean, ideograph = bert(clean_text=True), bert(handle_chinese_chars=True)
strip, lower = bert(strip_accents=True), bert(lowercase=True)
decompose = normalizers.NFD().normalize_str
pieces = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
single_word = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
single_word.add_tokens([AddedToken("x", single_word=True, normalized=False)])
# Of a line of a table, which nobody reads.
WIDTH = 400
SCALARS = [i for i in range(0x110000) if not 0xD800 <= i < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)


def ranges(scalars):
    """Sorted scalars as inclusive ranges."""
    out = []
    for scalar in scalars:
        if out and out[-1][1] == scalar - 1:
            out[-1][1] = scalar
        else:
            out.append([scalar, scalar])
    return out


def between(function, scalar):
    """What `function` makes of a scalar between two letters that it leaves alone."""
    result = function(f"x{chr(scalar)}y")
    assert result[0] == "x" and result[-1] == "y", hex(scalar)
    return result[1:-1]


def range_text(scalars):
    return ",".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in ranges(scalars))


def lowercase_text(mapping):
    """Runs `first-last/stride+delta` of scalars whose lower case lies `delta` away.

    `first=a.b` is a scalar whose lower case is several scalars.
    """
    runs = []
    several = []
    for scalar, result in mapping.items():
        if len(result) > 1:
            several.append(f"{scalar:x}=" + ".".join(f"{ord(c):x}" for c in result))
            continue
        delta = ord(result) - scalar
        last = runs[-1] if runs else None
        if last and last[3] == delta:
            stride = scalar - last[1]
            if stride <= 2 and last[2] in (0, stride):
                last[1], last[2] = scalar, stride
                continue
        runs.append([scalar, scalar, 0, delta])
    text = [f"{a:x}-{b:x}/{max(stride, 1)}{delta:+x}" for a, b, stride, delta in runs]
    return ",".join(text + several)


def decomposition_text(mapping):
    """Runs `first:a.b,a.b,…` of the decompositions of `first`, `first + 1`, …"""
    runs = []
    for first, last in ranges(mapping):
        entries = [".".join(f"{ord(c):x}" for c in mapping[i]) for i in range(first, last + 1)]
        runs.append(f"{first:x}:" + ",".join(entries))
    return ";".join(runs)


def combining_classes():
    """Canonical combining classes, ranked 1, 2, …: only their order matters.

    NFD moves a mark before another one whose class is higher, so the order of two
    classes shows in which of two marks comes first.
    """

    def swapped(first, second):
        text = "a" + chr(first) + chr(second)
        return first != second and decompose(text) == "a" + chr(second) + chr(first)

    # U+0334 has the lowest class, so any mark of another class moves around it; U+0301 has a
    # higher one, so marks of the lowest class move around that.
    marks = [
        i for i in SCALARS
        if decompose(chr(i)) == chr(i) and (swapped(0x301, i) or swapped(i, 0x334))
    ]
    classes = []  # the members of each class, in rising order of the classes
    for mark in marks:
        low, high = 0, len(classes)
        while low < high:
            middle = (low + high) // 2
            if swapped(mark, classes[middle][0]):
                low = middle + 1
            elif swapped(classes[middle][0], mark):
                high = middle
            else:
                classes[middle].append(mark)
                break
        else:
            classes.insert(low, [mark])
    return ";".join(range_text(members) for members in classes)


def table(name, comment, text):
    wrapped = []
    line = ""
    for character in text:
        line += character
        if len(line) >= WIDTH:
            wrapped.append("        " + line + "\\")
            line = ""
    wrapped.append("        " + line)
    if wrapped[-1].strip() == "":
        wrapped.pop()
        wrapped[-1] = wrapped[-1].rstrip("\\")
    lines = [f"    /// {part}" for part in textwrap.wrap(comment, 90)]
    return "\n".join([*lines, f'    static let {name} = """', *wrapped, '        """'])


def main():
    whitespace = [i for i in SCALARS if pieces(f"x{chr(i)}y") == [("x", (0, 1)), ("y", (2, 3))]]
    dropped = [i for i in SCALARS if clean(f"x{chr(i)}y") == "xy"]
    ideographs = [i for i in SCALARS if between(ideograph, i) == f" {chr(i)} "]
    punctuation = [i for i in SCALARS if i not in whitespace and len(pieces(f"x{chr(i)}y")) == 3]
    decompositions = {
        i: between(decompose, i) for i in SCALARS
        if i not in HANGUL and between(decompose, i) != chr(i)
    }
    marks = [i for i in SCALARS if i not in decompositions and between(strip, i) == ""]
    for i, parts in decompositions.items():  # stripping is NFD, then dropping the marks
        assert between(strip, i) == "".join(c for c in parts if ord(c) not in set(marks))
    lowered = {i: between(lower, i) for i in SCALARS if between(lower, i) != chr(i)}
    # A scalar of the class of its neighbours stays with them.
    letters = [i for i in SCALARS if len(byte_level(f"x{chr(i)}y")) == 1]
    numbers = [i for i in SCALARS if len(byte_level(f"1{chr(i)}2")) == 1]
    others = [i for i in SCALARS if len(byte_level(f"!{chr(i)}?")) == 1]
    assert sorted(whitespace + letters + numbers + others) == SCALARS
    # Beside one of these a token that is a word of its own is not found.
    words = [i for i in SCALARS if single_word.encode(f"x{chr(i)}").tokens != ["x", "?"]]

    parts = [
        table("whitespace", "Unicode White_Space: where words end.", range_text(whitespace)),
        table(
            "dropped",
            "What `clean_text` removes: U+0000, U+FFFD, controls, formats and private use. "
            "Unassigned scalars stay, unlike in the original Python code.",
            range_text(dropped)),
        table("ideographs", "What `handle_chinese_chars` sets apart.", range_text(ideographs)),
        table(
            "punctuation", "What the pre-tokenizer splits off, ASCII included.",
            range_text(punctuation)),
        table("letters", "What byte-level BPE's pattern takes for a letter.", range_text(letters)),
        table("numbers", "What byte-level BPE's pattern takes for a number.", range_text(numbers)),
        table(
            "words", "What makes an added token no `single_word` where it stands beside it.",
            range_text(words)),
        table("marks", "Non-spacing marks (Mn), which `strip_accents` removes.",
              range_text(marks)),
        table(
            "combiningClasses",
            "Scalars with a canonical combining class other than 0, one class after another in "
            "rising order.",
            combining_classes()),
        table(
            "lowercase",
            "Lower case: `first-last/stride+delta`, or `scalar=a.b` where it is several scalars.",
            lowercase_text(lowered)),
        table(
            "decompositions",
            "Full canonical decompositions without Hangul: `first:a.b,c.d` stands for those of "
            "`first` and of `first + 1`.",
            decomposition_text(decompositions)),
    ]
    OUTPUT.write_text(
        f"""\
// swift-format-ignore-file
// Generated by Scripts/generate_scalar_tables.py; do not edit.

/// What Hugging Face `tokenizers` {tokenizers.__version__} does with every Unicode scalar,
/// as that library itself answers.
///
/// Its parts follow different Unicode versions (BERT's categories about 8, normalisation about 11,
/// byte-level BPE's categories past 14, lower case and white space 17), so no single database gives
/// the same pieces, Swift's included.
/// Scalars are written in hexadecimal, ranges are inclusive.
enum ScalarTables {{
"""
        + "\n\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
