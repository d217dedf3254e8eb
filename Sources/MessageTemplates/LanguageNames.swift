/// What languages are called: in English for people who read about them, and as those who speak them say.
///
/// Foundation knows these names from ICU, whose tables are larger than all else in the program. A test holds these to its.
package enum LanguageNames {
  /// `Swedish` for `sv`; nil for a code that is not known.
  package static func english(_ code: String) -> String? { names(of: code)?.english }

  /// `svenska` for `sv`; nil for a code that is not known.
  package static func own(_ code: String) -> String? { names(of: code)?.own }

  private static func names(of code: String) -> (english: String, own: String)? {
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: "|")
      if fields[0] == code { return (String(fields[1]), String(fields[2])) }
    }
    return nil
  }

  /// Every code that has a name, for tests.
  static var codes: [String] { table.split(separator: "\n").map { String($0.prefix { $0 != "|" }) } }

  /// Code, name in English, name in the language itself. Source: Unicode CLDR.
  private static let table = """
    aa|Afar|Afar
    ab|Abkhazian|Abkhazian
    ae|Avestan|Avestan
    af|Afrikaans|Afrikaans
    agq|Aghem|Aghem
    ain|Ainu|アイヌ・イタㇰ
    ak|Akan|Akan
    am|Amharic|አማርኛ
    an|Aragonese|Aragonese
    apw|Apache, Western|Nṉee biyátiʼ
    ar|Arabic|العربية
    arn|Mapuche|Mapudungun
    as|Assamese|অসমীয়া
    asa|Asu|Kipare
    ast|Asturian|asturianu
    av|Avaric|Avaric
    ay|Aymara|Aymara
    az|Azerbaijani|azərbaycan
    ba|Bashkir|башҡорт теле
    bas|Basaa|Ɓàsàa
    be|Belarusian|беларуская
    bem|Bemba|Ichibemba
    ber|Amazigh|ⴰⵎⴰⵣⵉⵖ
    bez|Bena|Hibena
    bg|Bulgarian|български
    bgc|Haryanvi|हरियाणवी
    bho|Bhojpuri|भोजपुरी
    bi|Bislama|Bislama
    blo|Anii|anii kagɩja
    bm|Bambara|bamanakan
    bn|Bangla|বাংলা
    bo|Tibetan|བོད་སྐད་
    br|Breton|brezhoneg
    brx|Bodo|बरʼ
    bs|Bosnian|bosanski
    byn|Blin|ብሊን
    ca|Catalan|català
    ccp|Chakma|𑄌𑄋𑄴𑄟𑄳𑄦
    ce|Chechen|нохчийн
    ceb|Cebuano|Cebuano
    cgg|Chiga|Rukiga
    ch|Chamorro|Chamorro
    cho|Choctaw|Chahta
    chr|Cherokee|ᏣᎳᎩ
    cic|Chickasaw|Chikashshanompaʼ
    ckb|Kurdish, Sorani|کوردیی ناوەندی
    co|Corsican|corsu
    cr|Cree|Cree
    cs|Czech|čeština
    csw|Swampy Cree|ᓀᐦᐃᓇᐍᐏᐣ
    cu|Church Slavic|Church Slavic
    cv|Chuvash|чӑваш
    cy|Welsh|Cymraeg
    da|Danish|dansk
    dav|Taita|Kitaita
    de|German|Deutsch
    dje|Zarma|Zarmaciine
    doi|Dogri|डोगरी
    dsb|Lower Sorbian|dolnoserbšćina
    dua|Duala|duálá
    dv|Dhivehi|ދިވެހިބަސް
    dyo|Jola-Fonyi|joola
    dz|Dzongkha|རྫོང་ཁ་
    ebu|Embu|Kĩembu
    ee|Ewe|eʋegbe
    el|Greek|Ελληνικά
    en|English|English
    eo|Esperanto|Esperanto
    es|Spanish|español
    et|Estonian|eesti
    eu|Basque|euskara
    ewo|Ewondo|ewondo
    fa|Persian|فارسی
    ff|Fula|Pulaar
    fi|Finnish|suomi
    fil|Filipino|Filipino
    fj|Fijian|Fijian
    fo|Faroese|føroyskt
    fr|French|français
    fur|Friulian|furlan
    fy|Western Frisian|Frysk
    ga|Irish|Gaeilge
    gaa|Ga|Gã
    gd|Scottish Gaelic|Gàidhlig
    gez|Geez|ግዕዝኛ
    gl|Galician|galego
    gn|Guarani|avañe’ẽ
    gsw|Swiss German|Schwiizertüütsch
    gu|Gujarati|ગુજરાતી
    guz|Gusii|Ekegusii
    gv|Manx|Gaelg
    ha|Hausa|Hausa
    haw|Hawaiian|ʻŌlelo Hawaiʻi
    he|Hebrew|עברית
    hi|Hindi|हिन्दी
    hmn|Hmong|𖬌𖬣𖬵
    ho|Hiri Motu|Hiri Motu
    hr|Croatian|hrvatski
    hsb|Upper Sorbian|hornjoserbšćina
    ht|Haitian Creole|créole haïtien
    hu|Hungarian|magyar
    hy|Armenian|հայերեն
    hz|Herero|Herero
    ia|Interlingua|interlingua
    id|Indonesian|Indonesia
    ie|Interlingue|Interlingue
    ig|Igbo|Igbo
    ii|Liangshan Yi|ꆈꌠꉙ
    ik|Inupiaq|Inupiaq
    inh|Ingush|ГӀалгӀай мотт
    io|Ido|Ido
    is|Icelandic|íslenska
    it|Italian|italiano
    iu|Inuktitut|ᐃᓄᒃᑎᑐᑦ
    ja|Japanese|日本語
    jbo|Lojban|la .lojban.
    jgo|Ngomba|Ndaꞌa
    jmc|Machame|Kimachame
    jv|Javanese|Jawa
    ka|Georgian|ქართული
    kab|Kabyle|Taqbaylit
    kaj|Jju|Kaje
    kam|Kamba|Kikamba
    kcg|Tyap|Katab
    kde|Makonde|Chimakonde
    kea|Kabuverdianu|kabuverdianu
    kg|Kongo|Kongo
    kgp|Kaingang|kanhgág
    khq|Koyra Chiini|Koyra ciini
    ki|Kikuyu|Gikuyu
    kj|Kuanyama|Kuanyama
    kk|Kazakh|қазақ тілі
    kkj|Kako|kakɔ
    kl|Kalaallisut|kalaallisut
    kln|Kalenjin|Kalenjin
    km|Khmer|ខ្មែរ
    kn|Kannada|ಕನ್ನಡ
    ko|Korean|한국어
    kok|Konkani|कोंकणी
    kpe|Kpelle|Kpɛlɛɛ
    kr|Kanuri|Kanuri
    ks|Kashmiri|کٲشُر
    ksb|Shambala|Kishambaa
    ksf|Bafia|rikpa
    ksh|Colognian|Kölsch
    ku|Kurdish|kurdî (kurmancî)
    kv|Komi|Komi
    kw|Cornish|kernewek
    kxv|Kuvi|kuvi
    ky|Kyrgyz|кыргызча
    la|Latin|Latin
    lag|Langi|Kɨlaangi
    lb|Luxembourgish|Lëtzebuergesch
    lg|Ganda|Luganda
    li|Limburgish|Limburgish
    lij|Ligurian|ligure
    lkt|Lakota|Lakȟólʼiyapi
    lmo|Lombard|Lombard
    ln|Lingala|lingála
    lo|Lao|ລາວ
    lrc|Northern Luri|لۊری شومالی
    lt|Lithuanian|lietuvių
    lu|Luba-Katanga|Tshiluba
    luo|Luo|Dholuo
    lut|Lushootseed|dxʷləšucid · txʷəlšucid · xʷəlšucid
    luy|Luyia|Luluhia
    lv|Latvian|latviešu
    mai|Maithili|मैथिली
    mas|Masai|Maa
    mer|Meru|Kĩmĩrũ
    mfe|Morisyen|kreol morisien
    mg|Malagasy|Malagasy
    mgh|Makhuwa-Meetto|Makua
    mgo|Metaʼ|metaʼ
    mh|Marshallese|Marshallese
    mi|Māori|Māori
    mic|Mi’kmaw|Lʼnuiʼsuti
    mid|Mandaic|ࡌࡀࡍࡃࡀࡉࡀ
    mk|Macedonian|македонски
    ml|Malayalam|മലയാളം
    mn|Mongolian|монгол
    mni|Manipuri|মৈতৈলোন্
    moh|Mohawk|Kanienʼkéha
    mr|Marathi|मराठी
    ms|Malay|Bahasa Melayu
    mt|Maltese|Malti
    mua|Mundang|MUNDAŊ
    mus|Mvskoke|Mvskoke
    my|Burmese|မြန်မာ
    myv|Erzya|эрзянь кель
    mzn|Mazanderani|مازرونی
    na|Nauru|Nauru
    naq|Nama|Khoekhoegowab
    nb|Norwegian Bokmål|norsk bokmål
    nd|North Ndebele|isiNdebele
    nds|Low German|Neddersass’sch
    ne|Nepali|नेपाली
    ng|Ndonga|Ndonga
    nl|Dutch|Nederlands
    nmg|Kwasio|Kwasio
    nn|Norwegian Nynorsk|norsk nynorsk
    nnh|Ngiemboon|Shwóŋò ngiembɔɔn
    nnp|Wancho|𞋒𞋀𞋉𞋃𞋕
    no|Norwegian|norsk
    nqo|N’Ko|ߒߞߏ
    nr|South Ndebele|South Ndebele
    nso|Northern Sotho|Sesotho sa Leboa
    nus|Nuer|Thok Nath
    nv|Navajo|Diné Bizaad
    ny|Nyanja|Nyanja
    nyn|Nyankole|Runyankore
    oc|Occitan|occitan
    oj|Ojibwa|Ojibwa
    om|Oromo|Oromoo
    or|Odia|ଓଡ଼ିଆ
    os|Ossetic|ирон
    osa|Osage|𐓏𐓘𐓻𐓘𐓻𐓟
    pa|Punjabi|ਪੰਜਾਬੀ
    pcm|Nigerian Pidgin|Naijíriá Píjin
    pi|Pali|Pali
    pl|Polish|polski
    pqm|Wolastoqey|Wolastoqey
    prg|Prussian|prūsiskan
    ps|Pashto|پښتو
    pt|Portuguese|português
    qu|Quechua|Runasimi
    raj|Rajasthani|राजस्थानी
    rej|Rejang|Baso Hejang
    rhg|Rohingya|𐴌𐴗𐴥𐴝𐴙𐴚𐴒𐴙𐴝
    rm|Romansh|rumantsch
    rn|Rundi|Ikirundi
    ro|Romanian|română
    rof|Rombo|Kihorombo
    ru|Russian|русский
    rw|Kinyarwanda|Ikinyarwanda
    rwk|Rwa|Kiruwa
    sa|Sanskrit|संस्कृत भाषा
    sah|Sakha|саха тыла
    saq|Samburu|Kisampur
    sat|Santali|ᱥᱟᱱᱛᱟᱲᱤ
    sbp|Sangu|Ishisangu
    sc|Sardinian|sardu
    scn|Sicilian|sicilianu
    sd|Sindhi|سنڌي
    se|North Sámi|davvisámegiella
    seh|Sena|sena
    ses|Koyraboro Senni|Koyraboro senni
    sg|Sango|Sängö
    shi|Tachelhit|ⵜⴰⵛⵍⵃⵉⵜ
    si|Sinhala|සිංහල
    sjd|Kildin Sámi|Кӣллт са̄мь кӣлл
    sje|Pite Sámi|Bidumsámegiella
    sju|Ume Sámi|Ubmejesámiengiälla
    sk|Slovak|slovenčina
    sl|Slovenian|slovenščina
    sm|Samoan|Gagana faʻa Sāmoa
    smn|Inari Sami|anarâškielâ
    sn|Shona|chiShona
    so|Somali|Soomaali
    sq|Albanian|shqip
    sr|Serbian|српски
    ss|Swati|siSwati
    st|Southern Sotho|Sesotho
    su|Sundanese|Basa Sunda
    sv|Swedish|svenska
    sw|Swahili|Kiswahili
    syr|Assyrian|ܣܘܪܝܝܐ
    szl|Silesian|ślōnski
    ta|Tamil|தமிழ்
    te|Telugu|తెలుగు
    teo|Teso|Kiteso
    tg|Tajik|тоҷикӣ
    th|Thai|ไทย
    ti|Tigrinya|ትግርኛ
    tig|Tigre|ትግረ
    tk|Turkmen|türkmen dili
    tn|Tswana|Setswana
    to|Tongan|lea fakatonga
    tok|Toki Pona|toki pona
    tr|Turkish|Türkçe
    trv|Taroko|patas Taroko
    ts|Tsonga|Xitsonga
    tt|Tatar|татар
    tw|Twi|Twi
    twq|Tasawaq|Tasawaq senni
    ty|Tahitian|Tahitian
    tzm|Central Atlas Tamazight|Tamaziɣt n laṭlaṣ
    ug|Uyghur|ئۇيغۇرچە
    uk|Ukrainian|українська
    ur|Urdu|اردو
    uz|Uzbek|o‘zbek
    vai|Vai|ꕙꔤ
    ve|Venda|Tshivenḓa
    vec|Venetian|veneto
    vi|Vietnamese|Tiếng Việt
    vmw|Makhuwa|emakhuwa
    vo|Volapük|Volapük
    vun|Vunjo|Kyivunjo
    wa|Walloon|walon
    wae|Walser|Walser
    wal|Wolaytta|ወላይታቱ
    wo|Wolof|Wolof
    xh|Xhosa|IsiXhosa
    xnr|Kangri|कांगड़ी
    xog|Soga|Olusoga
    yav|Yangben|nuasue
    yi|Yiddish|ייִדיש
    yo|Yoruba|Èdè Yorùbá
    yrl|Nheengatu|nheẽgatu
    yue|Cantonese|廣東話
    za|Zhuang|Vahcuengh
    zgh|Tamazight, Standard Moroccan|ⵜⴰⵎⴰⵣⵉⵖⵜ
    zh|Chinese|中文
    zu|Zulu|isiZulu
    """
}
