"""Legacy encodings by language: how often a text is read as it was written, from a line to some hundred words."""

from __future__ import annotations

from pipeline.sources.decoding import Decoder

_TEXTS: dict[str, tuple[str, list[str]]] = {
    "en": (
        (
            "The mayor’s office said the café on the quay would close; “it cost £40,000 "
            "a year,” the résumé of the report said."
        ),
        ["cp1252"],
    ),
    "fr": (
        (
            "Le maire a déclaré hier que la fête serait annulée à cause de l’été trop "
            "chaud ; les élèves étaient déçus, où que ce fût."
        ),
        ["cp1252", "latin-1", "iso8859-15"],
    ),
    "de": (
        (
            "Die Bürgermeisterin erklärte gestern, die Straße über den Fluss müsse für "
            "Monate gesperrt werden. „Schön ist das nicht“, sagte sie."
        ),
        ["cp1252", "latin-1"],
    ),
    "es": (
        (
            "El alcalde explicó ayer que la reunión del próximo miércoles será la última "
            "del año; «mañana habrá más información», añadió."
        ),
        ["cp1252", "latin-1"],
    ),
    "pt": (
        (
            "O prefeito não quis comentar a decisão; a população já está há três meses "
            "sem água, informação que a câmara não confirmou."
        ),
        ["cp1252", "latin-1"],
    ),
    "it": (
        (
            "Il sindaco ha detto che la città sarà più sicura, perché però nessuno crede "
            "alla verità di ciò che è stato già promesso?"
        ),
        ["cp1252", "latin-1"],
    ),
    "sv": (
        (
            "Borgmästaren sade på måndagen att bron över ån hålls stängd hela våren. "
            "Många är besvikna över förseningen."
        ),
        ["cp1252", "latin-1"],
    ),
    "da": (
        (
            "Borgmesteren sagde i går, at broen over åen bliver lukket; mange er kede "
            "af det, og nogle går så langt som at klage over støjen."
        ),
        ["cp1252", "latin-1"],
    ),
    "fi": (
        (
            "Pormestari sanoi eilen, että silta pysyy suljettuna kevääseen asti. Näin "
            "hän kertoi tiedotustilaisuudessa, jossa hän myös pyysi anteeksi."
        ),
        ["cp1252", "latin-1"],
    ),
    "pl": (
        (
            "Burmistrz powiedział w piątek, że most zostanie zamknięty do końca września. "
            "Mieszkańcy są źli, bo łączy dwie części miasta."
        ),
        ["cp1250", "iso8859-2"],
    ),
    "cs": (
        (
            "Starosta řekl v pátek, že most zůstane zavřený až do září. Obyvatelé města "
            "jsou naštvaní, protože žádná jiná cesta přes řeku není."
        ),
        ["cp1250", "iso8859-2"],
    ),
    "hu": (
        (
            "A polgármester pénteken közölte, hogy a híd őszig zárva marad. Az itt élők "
            "dühösek, hiszen nincs más út a folyón át, és ez több időt jelent."
        ),
        ["cp1250", "iso8859-2"],
    ),
    "ro": (
        (
            "Primarul a declarat vineri că podul rămâne închis până în toamnă. Locuitorii "
            "sînt supăraţi, căci nu există alt drum peste rîu."
        ),
        ["cp1250", "iso8859-2"],
    ),
    "hr": (
        (
            "Gradonačelnik je u petak rekao da će most ostati zatvoren do jeseni. Građani "
            "su ljuti jer drugog puta preko rijeke nema, a čekaju već godinama."
        ),
        ["cp1250", "iso8859-2"],
    ),
    "ru": (
        (
            "Мэр города сказал в пятницу, что мост останется закрытым до осени. Жители "
            "недовольны: другого пути через реку нет."
        ),
        ["cp1251", "koi8_r", "iso8859-5"],
    ),
    "uk": (
        (
            "Мер міста сказав у п'ятницю, що міст залишиться зачиненим до осені. Мешканці "
            "незадоволені: іншого шляху через річку немає."
        ),
        ["cp1251", "koi8_u"],
    ),
    "bg": (
        (
            "Кметът заяви в петък, че мостът ще остане затворен до есента. Жителите "
            "са недоволни, защото друг път през реката няма."
        ),
        ["cp1251"],
    ),
    "el": (
        (
            "Ο δήμαρχος είπε την Παρασκευή ότι η γέφυρα θα μείνει κλειστή μέχρι το φθινόπωρο. "
            "Οι κάτοικοι είναι δυσαρεστημένοι."
        ),
        ["cp1253", "iso8859-7"],
    ),
    "tr": (
        (
            "Belediye başkanı cuma günü köprünün sonbahara kadar kapalı kalacağını söyledi. "
            "İstanbul'da yaşayanlar bu duruma şaşırdı ve kızgın."
        ),
        ["cp1254"],
    ),
    "he": (
        "ראש העיר אמר ביום שישי כי הגשר יישאר סגור עד הסתיו. התושבים כועסים כי אין דרך אחרת לחצות את הנהר.",
        ["cp1255"],
    ),
    "ar": (
        (
            "قال رئيس البلدية يوم الجمعة إن الجسر سيبقى مغلقا حتى الخريف. السكان غاضبون "
            "لأنه لا يوجد طريق آخر عبر النهر."
        ),
        ["cp1256"],
    ),
    "lt": (
        (
            "Meras penktadienį pranešė, kad tiltas liks uždarytas iki rudens. Gyventojai "
            "nepatenkinti, nes kito kelio per upę nėra, o žmonės skuba į darbą."
        ),
        ["cp1257"],
    ),
    "lv": (
        (
            "Mērs piektdien paziņoja, ka tilts paliks slēgts līdz rudenim. Iedzīvotāji "
            "ir neapmierināti, jo cita ceļa pāri upei nav."
        ),
        ["cp1257"],
    ),
    "et": (
        (
            "Linnapea ütles reedel, et sild jääb sügiseni suletuks. Elanikud on pahased, "
            "sest üle jõe teist teed ei ole, öeldi kõigile."
        ),
        ["cp1257"],
    ),
    "ja": (
        "市長は金曜日、橋は秋まで閉鎖されたままだと述べた。川を渡る道はほかになく、住民は不満を募らせている。",
        ["shift_jis", "euc_jp"],
    ),
    "ko": (
        "시장은 금요일 다리가 가을까지 폐쇄된다고 말했다. 강을 건너는 다른 길이 없어 주민들은 불만이다.",
        ["euc_kr"],
    ),
    "zh": (
        "市长星期五表示，大桥将关闭到秋天。居民们很不满，因为过河没有别的路。",
        ["gb18030"],
    ),
    "zt": (
        "市長星期五表示，大橋將關閉到秋天。居民們很不滿，因為過河沒有別的路。",
        ["big5"],
    ),
}
_LINES = [
    "Zoë said no.",
    "It’s £5, he said.",
    "Café gulls win, said José Ortún",
    "naïve",
    "The Fed’s move — a surprise",
]
_MISREAD = 1  # half a line of Polish


def _cases() -> list[tuple[bytes, str]]:
    found = [(line, "cp1252") for line in _LINES]
    for text, encodings in _TEXTS.values():
        for encoding in encodings:
            found += [(part, encoding) for part in (text[:40], text[:80], text, text * 3)]
    cases = [(text.encode(encoding, errors="ignore"), encoding) for text, encoding in found]
    return [(data, data.decode(encoding)) for data, encoding in cases if not data.isascii()]


def test_what_was_written_is_read() -> None:
    cases = _cases()
    misread = [text for data, text in cases if Decoder().decode(data) != text]
    assert len(cases) > 180
    assert len(misread) <= _MISREAD, misread
