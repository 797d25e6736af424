"""Record what Hugging Face `tokenizers` makes of texts, for Tests/TokenizationTests.

    pip install tokenizers==0.23.3
    python Scripts/record_tokenization.py ENCODER_FOLDER [SHARED_FOLDER]

The texts are written here. Of the shared data only digests are kept: 64-bit FNV-1a over 32-bit
words, for each text the number of pieces, then id, start and end of each piece. Offsets are UTF-8
bytes of the text.
"""

import json
import pathlib
import sys

import tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

OUTPUT = pathlib.Path(__file__).parent.parent / "Tests/TokenizationTests/recording.json"

TEXTS = [
    "",
    " \t\r\n ",
    "One plain sentence, with punctuation; nothing else!",
    "don't can't it's -- 3.14% of $1,000.00 (see §4)",
    "MIXED Case And ALLCAPS iPhone eBay",
    "https://example.org/a_b?c=d&e=%20f#g mail@example.org",
    "C++ C# F# <tag attr=\"x\"> {a: [1, 2]} ~`^|\\",
    "ünïcödé accents: Àéîõü ŝ ñ ç Ø ø Å Ł ł đ",
    "e\u0301 o\u0308\u0323 \u0301leading a\u0300\u0301\u0302\u0327z trailing\u0301",
    "İstanbul ISPARTA ıspartada IŞIK İİ i\u0307",
    "Straße STRASSE ẞ ﬁne ﬂow oﬃce Ǆ ǅ ǆ",
    "ΑΣΣΟΣ Ὀδυσσεύς ΌΣΟΣ ᾼ ῼ",
    "Съешь ЕЩЁ этих мягких Йогуртов",
    "中文字符和English混排,日本語のテキスト。カタカナ ﾊﾝｶｸ",
    "〇 㐀 䶵 豈 \U0002F800 \U00020000 \U0002A6DF \U0002B740 \U0002B820 \U00030000",
    "한국어 텍스트 각 \u1100\u1161\u11A8 힣",
    "ภาษาไทย ไม่มีช่องว่าง ก็ได้",
    "हिन्दी में क़लम ড় বাংলা தமிழ் తెలుగు ಕೆಂಪು",
    "עִבְרִית מימין לשמאל, العَرَبِيَّة؟ \u202eabc\u202c \u200fx",
    "emoji 😀👍🏽 family 👨‍👩‍👧 flag 🇩🇪 heart ❤️ 1️⃣",
    "new scalars 🫠🪿 \u1DFB \uA7CB \U00010D50 \U00011938 \U0001FAE8",
    "zero\u200bwidth\u200cnon\u200djoiner\ufeffbom\u2060word soft\u00adhyphen",
    "no\u00a0break\u2003em\u2009thin\u3000ideographic\u2028line\u2029paragraph\u202fend",
    "nul\u0000 bell\u0007 escape\u001b[0m delete\u007f vertical\u000btab form\u000cfeed "
    "next\u0085line unit\u001fseparator",
    "replacement \ufffd private \ue000\U000F0000 none \uffff\U0010FFFF tag\U000E0041",
    "¿Qué? «guillemets» „quotes“ ‘single’ – — … ‥ ‽ · • † ‡ ′ ″",
    "。、！？（）【】《》「」 ، ؛ ؟ । ॥ ། ፡ ። ჻ ᠃",
    "math ∑∫√≠≤∞ × ÷ ± ² ½ ℝ ℵ Ⅷ ① Å K Ω €£¥₹",
    "x²+y²=z² H₂O 10⁻⁹ 5′6″ ½cup ﬁ² Ⅳ",
    "a" * 99 + " " + "b" * 100 + " " + "c" * 101 + " d",
    "é" * 100 + " " + "é" * 101 + " " + "e\u0301" * 100 + " " + "日" * 101,
    "x" * 60 + "\u200b" + "y" * 60 + "," + "z" * 120,
    "[SEP] in [MASK]text[CLS][PAD] [UNK]. [sep] [ MASK ] [[SEP]] [MASK",
    "left[SEP]\u0301mark [MASK]\u200b é[SEP]é",
    "##ing # ## unaffable unaffability re-reading hyphen-ated",
    "supercalifragilisticexpialidocious floccinaucinihilipilification",
    "1234567890 12,345.678 1e-5 0x1F 192.168.0.1 2024-02-29T23:59:60Z",
    "tab\tseparated\tvalues\nand\r\nlines\rmixed  double  spaces   ",
    "\u0344\u0f73\u0f75 \u0f71\u0f72\u0f74 a\u0345\u0315\u0300\u05ae\u0062",
    "\U0001D15E\U0001D15F \U0001D165\U0001D16E a\u302e\u302fb \U00016FF0",
    "q\u0307\u0323 \u1e69 s\u0323\u0307 \u1e9b\u0323 d\u0307\u0327 \u212b \u2126 \ufb1d \ufb49",
    "ŉ ǰ ΐ և ẖ Ŀ Ⱥ Ⱦ K å Ꭰ ꭰ Ა ა ⓐ Ⓐ Ａｂ 𐐀𐐨 𞤀𞤢",
]

PAIRS = [
    ("What is dull?", "A dull, lifeless film.", 512),
    ("What is dull?", "A dull, lifeless film.", 12),
    ("", "An empty query.", 6),
    ("Is [MASK] é a token?", "Crème [SEP] brûlée and more of it", 16),
]

VARIANTS = {
    "uncased": {},
    "cased": {"lowercase": False},
    "lower-cased with accents": {"strip_accents": False},
    "cased without accents": {"lowercase": False, "strip_accents": True},
    "ideographs together": {"handle_chinese_chars": False},
}

# Lines of these files are texts; so is each document of the folder.
LINES = ["sst/train.tsv", "sst/dev.tsv", "sst/test.tsv", "agnews/test.csv", "agreement/numpred.val"]
FOLDERS = ["movies/docs", "multirc/docs"]
# As LINES, but record_bpe.py's vocabulary does not learn from them. Lines of MultiRC hold questions and
# answers.
MORE_LINES = [
    "agnews/train.csv", *(f"agreement/numpred.test.{part}" for part in range(1, 6)),
    "multirc/train.jsonl", "multirc/val.jsonl"]


def byte_positions(text):
    """Where each scalar of a text starts in its UTF-8, and where the last one ends."""
    positions = [0]
    for character in text:
        positions.append(positions[-1] + len(character.encode()))
    return positions


def byte_offsets(text, encoding):
    positions = byte_positions(text)
    return [(positions[start], positions[end]) for start, end in encoding.offsets]


def recorded(text, encoding):
    flat = [bound for offset in byte_offsets(text, encoding) for bound in offset]
    return {"ids": encoding.ids, "offsets": flat}


def digest(tokenizer, texts):
    value = 0xCBF29CE484222325
    pieces = 0

    def add(word):
        nonlocal value
        value = ((value ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF

    for text in texts:
        encoding = tokenizer.encode(text)
        pieces += len(encoding.ids)
        add(len(encoding.ids))
        for identifier, (start, end) in zip(encoding.ids, byte_offsets(text, encoding)):
            add(identifier)
            add(start)
            add(end)
    return {"texts": len(texts), "pieces": pieces, "digest": f"{value:016x}"}


def small_vocabulary():
    """Letters, marks and some words, whole and as continuations: about 150 tokens."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEIS0123456789éàçøłßσςійкларя한각ᄒ\u0301\u0307\u0323"
    punctuation = ".,;:!?'\"()-[]#/<>=%$&_§«»。、؟"
    words = ["the", "sentence", "in", "text", "mixed", "accent", "##ing", "##s", "##ed", "##日"]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *letters, *punctuation]
    tokens += "日本語中文字"
    tokens += ["##" + letter for letter in letters]
    return list(dict.fromkeys(tokens))


def small_tokenizer(vocabulary, options):
    ids = {token: index for index, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(**options)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(vocabulary[:5])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def main(encoder, shared=None):
    tokenizer = Tokenizer.from_file(str(pathlib.Path(encoder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    singles = [recorded(text, tokenizer.encode(text)) for text in TEXTS]
    pairs = []
    for query, document, maximum in PAIRS:
        tokenizer.enable_truncation(maximum, strategy="only_second")
        encoding = tokenizer.encode(query, document)
        positions = [byte_positions(query), byte_positions(document)]
        flat = [
            positions[segment][bound]  # a piece's offsets are those of its own text
            for segment, offset in zip(encoding.type_ids, encoding.offsets)
            for bound in offset
        ]
        pairs.append({
            "query": query, "document": document, "maximumLength": maximum,
            "ids": encoding.ids, "segmentIDs": encoding.type_ids, "offsets": flat})
    tokenizer.no_truncation()

    vocabulary = small_vocabulary()
    variants = []
    for name, options in VARIANTS.items():
        small = small_tokenizer(vocabulary, options)
        options = {"lowercase": True, "strip_accents": None, "handle_chinese_chars": True} | options
        variants.append({
            "name": name,
            "do_lower_case": options["lowercase"],
            "strip_accents": options["strip_accents"],
            "tokenize_chinese_chars": options["handle_chinese_chars"],
            "singles": [recorded(text, small.encode(text)) for text in TEXTS]})

    recording = {
        "made by": f"Scripts/record_tokenization.py, tokenizers {tokenizers.__version__}",
        "texts": TEXTS, "encoder": singles, "pairs": pairs,
        "smallVocabulary": vocabulary, "variants": variants, "digests": {}}
    if shared is None:
        recording["digests"] = json.loads(OUTPUT.read_text())["digests"]
    else:
        data = pathlib.Path(shared) / "data"
        for name in LINES + MORE_LINES:
            texts = (data / name).read_bytes().decode().split("\n")
            recording["digests"][name] = digest(tokenizer, texts)
        for name in FOLDERS:
            files = sorted((data / name).iterdir(), key=lambda file: file.name.encode())
            recording["digests"][name] = digest(tokenizer, [f.read_bytes().decode() for f in files])
    members = [
        f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"
        for key, value in recording.items()
    ]
    OUTPUT.write_text("{\n" + ",\n".join(members) + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
