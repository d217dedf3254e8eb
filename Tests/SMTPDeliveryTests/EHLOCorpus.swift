// EHLO answers as servers give them, with what must be understood: one a line,
// `server | understood | first line; line; line`. Understood: `p` PIPELINING, `8` 8BITMIME, `u` SMTPUTF8, `t` STARTTLS,
// `s` SIZE without a limit, `s123` with one, and AUTH's mechanisms. `\t` is a tab, `_` at a line's end a blank.

enum EHLOCorpus {
  struct Answer: Sendable, CustomStringConvertible {
    let server: String
    let understood: [String]
    let lines: [String]

    var description: String { "\(server): \(lines)" }
  }

  static let answers: [Answer] = text.split(separator: "\n").map { answer(String($0)) }

  private static func answer(_ line: String) -> Answer {
    let parts = line.split(separator: "|", maxSplits: 2).map(String.init)
    var lines: [String] = []
    for part in parts[2].split(separator: ";") {
      var text = String(part.drop { $0 == " " }).replacing("\\t", with: "\t")
      if text.hasSuffix("_") { text = text.dropLast() + " " }
      lines.append(text)
    }
    return Answer(
      server: parts[0].split(separator: " ").joined(separator: " "),
      understood: parts[1].split(separator: " ").map(String.init), lines: lines)
  }

  private static let text = #"""
    Postfix, port 25 | p 8 u t s10240000 | mx.example.org; PIPELINING; SIZE 10240000; VRFY; ETRN; STARTTLS; ENHANCEDSTATUSCODES; 8BITMIME; DSN; SMTPUTF8; CHUNKING
    Postfix, port 587 | p 8 t s52428800 | mx.example.org; PIPELINING; SIZE 52428800; ETRN; STARTTLS; ENHANCEDSTATUSCODES; 8BITMIME; DSN
    Postfix, after TLS | p 8 u s52428800 PLAIN LOGIN | mx.example.org; PIPELINING; SIZE 52428800; AUTH PLAIN LOGIN; AUTH=PLAIN LOGIN; ENHANCEDSTATUSCODES; 8BITMIME; DSN; SMTPUTF8
    Postfix, broken clients | 8 s PLAIN LOGIN | mx.example.org; SIZE; AUTH=PLAIN LOGIN; 8BITMIME
    Postfix, no limit | p s | mx.example.org; PIPELINING; SIZE 0
    Postfix, SCRAM | p 8 SCRAM-SHA-256 SCRAM-SHA-1 PLAIN | mx.example.org; PIPELINING; AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN; 8BITMIME
    Postfix, Dovecot OAuth | p 8 PLAIN LOGIN OAUTHBEARER XOAUTH2 | mx.example.org; PIPELINING; AUTH PLAIN LOGIN OAUTHBEARER XOAUTH2; 8BITMIME
    Postfix, Cyrus | p 8 t DIGEST-MD5 CRAM-MD5 NTLM LOGIN PLAIN | mx.example.org; PIPELINING; STARTTLS; AUTH DIGEST-MD5 CRAM-MD5 NTLM LOGIN PLAIN; 8BITMIME
    Postfix, GSSAPI | p GSSAPI | mx.example.org; PIPELINING; AUTH GSSAPI
    Postfix, EXTERNAL | p 8 EXTERNAL PLAIN | mx.example.org; PIPELINING; AUTH EXTERNAL PLAIN; 8BITMIME
    Postfix, bare | | mx.example.org
    Postfix, discarded keywords | 8 s10240000 | mx.example.org; SIZE 10240000; ENHANCEDSTATUSCODES; 8BITMIME; DSN
    Postfix, REQUIRETLS | p 8 u t s | mx.example.org; PIPELINING; SIZE; STARTTLS; 8BITMIME; SMTPUTF8; REQUIRETLS
    Exim, port 25 | p 8 t s52428800 | mx.example.org Hello vm.example.net [192.0.2.7]; SIZE 52428800; 8BITMIME; PIPELINING; STARTTLS; HELP
    Exim, after TLS | p 8 s52428800 PLAIN LOGIN | mx.example.org Hello vm.example.net [192.0.2.7]; SIZE 52428800; 8BITMIME; PIPELINING; AUTH PLAIN LOGIN; HELP
    Exim 4.9x | p 8 u t s52428800 | mx.example.org Hello vm.example.net [192.0.2.7]; SIZE 52428800; LIMITS MAILMAX=1000 RCPTMAX=50000; 8BITMIME; PIPELINING; PIPECONNECT; STARTTLS; SMTPUTF8; HELP
    Exim, PRDR | p 8 t s15728640 | mx.example.org Hello vm; SIZE 15728640; 8BITMIME; DSN; PIPELINING; CHUNKING; STARTTLS; PRDR; HELP
    Exim, CRAM | p 8 s CRAM-MD5 | mx.example.org Hello vm; SIZE; 8BITMIME; PIPELINING; AUTH CRAM-MD5; HELP
    cPanel | p 8 t s52428800 | host.example.org Hello vm.example.net [192.0.2.7]; SIZE 52428800; LIMITS MAILMAX=1000 RCPTMAX=50000; 8BITMIME; PIPELINING; PIPECONNECT; STARTTLS; HELP
    cPanel, port 465 | p 8 s52428800 PLAIN LOGIN | host.example.org Hello vm [192.0.2.7]; SIZE 52428800; 8BITMIME; PIPELINING; AUTH PLAIN LOGIN; HELP
    Sendmail | p 8 t s | mx.example.org Hello vm.example.net [192.0.2.7], pleased to meet you; ENHANCEDSTATUSCODES; PIPELINING; EXPN; VERB; 8BITMIME; SIZE; DSN; ETRN; STARTTLS; DELIVERBY; HELP
    Sendmail, AUTH | p 8 s20000000 GSSAPI DIGEST-MD5 CRAM-MD5 LOGIN PLAIN | mx.example.org Hello vm, pleased to meet you; ENHANCEDSTATUSCODES; PIPELINING; 8BITMIME; SIZE 20000000; DSN; AUTH GSSAPI DIGEST-MD5 CRAM-MD5 LOGIN PLAIN; DELIVERBY; HELP
    Sendmail 8.9 | 8 s | mx.example.org Hello vm; EXPN; VERB; 8BITMIME; SIZE; DSN; ONEX; ETRN; XUSR; HELP
    Sendmail 8.18 | p 8 u t s | mx.example.org Hello vm, pleased to meet you; ENHANCEDSTATUSCODES; PIPELINING; 8BITMIME; SMTPUTF8; SIZE; DSN; STARTTLS; HELP
    qmail | p 8 | mx.example.org; PIPELINING; 8BITMIME
    netqmail, patched | p 8 t s20971520 LOGIN PLAIN CRAM-MD5 | mx.example.org; STARTTLS; PIPELINING; 8BITMIME; SIZE 20971520; AUTH LOGIN PLAIN CRAM-MD5
    netqmail, both spellings | p 8 LOGIN CRAM-MD5 PLAIN | mx.example.org; AUTH LOGIN CRAM-MD5 PLAIN; AUTH=LOGIN CRAM-MD5 PLAIN; PIPELINING; 8BITMIME
    qmail, size 0 | p 8 s LOGIN | mx.example.org; AUTH=LOGIN; PIPELINING; SIZE 0; 8BITMIME
    qmail-ldap | p 8 t s LOGIN PLAIN | mx.example.org; PIPELINING; SIZE 0; STARTTLS; DATAZ; AUTH LOGIN PLAIN; 8BITMIME
    s/qmail | p 8 u t s LOGIN PLAIN CRAM-MD5 | mx.example.org; PIPELINING; 8BITMIME; SMTPUTF8; SIZE 0; STARTTLS; AUTH LOGIN PLAIN CRAM-MD5
    Magic-smtpd | p 8 | mx.example.org; PIPELINING; 8BITMIME; XMAGIC
    Haraka | p 8 u t s26214400 | mx.example.org Hello vm [192.0.2.7] Haraka is at your service.; PIPELINING; 8BITMIME; SMTPUTF8; SIZE 26214400; STARTTLS
    Haraka, AUTH | p 8 u s PLAIN LOGIN CRAM-MD5 | mx.example.org Hello vm, Haraka is at your service.; PIPELINING; 8BITMIME; SMTPUTF8; SIZE 0; AUTH PLAIN LOGIN CRAM-MD5
    OpenSMTPD | 8 t s36700160 | mx.example.org Hello vm [192.0.2.7], pleased to meet you; 8BITMIME; ENHANCEDSTATUSCODES; SIZE 36700160; DSN; STARTTLS; HELP
    OpenSMTPD, after TLS | 8 s36700160 PLAIN LOGIN | mx.example.org Hello vm, pleased to meet you; 8BITMIME; ENHANCEDSTATUSCODES; SIZE 36700160; DSN; AUTH PLAIN LOGIN; HELP
    Courier | p 8 t s | mx.example.org Ok.; STARTTLS; PIPELINING; 8BITMIME; SIZE; DSN; XVERP=Courier
    Courier, AUTH | p 8 s CRAM-MD5 CRAM-SHA1 PLAIN LOGIN | mx.example.org Ok.; AUTH CRAM-MD5 CRAM-SHA1 PLAIN LOGIN; AUTH=CRAM-MD5 CRAM-SHA1; XVERP=Courier; PIPELINING; 8BITMIME; SIZE; DSN
    Courier, AUTH=LOGIN alone | p 8 s LOGIN | mx.example.org Ok.; AUTH=LOGIN; XVERP=Courier; PIPELINING; 8BITMIME; SIZE
    XMail | p 8 t s | mx.example.org; PIPELINING; 8BITMIME; SIZE; AUTH; STARTTLS; VRFY
    XMail, AUTH | p 8 s LOGIN PLAIN CRAM-MD5 | mx.example.org; VRFY; ETRN; 8BITMIME; PIPELINING; AUTH LOGIN PLAIN CRAM-MD5; SIZE
    Domino | p 8 t s | mx.example.org Hello vm ([192.0.2.7]), pleased to meet you; TLS; SIZE; PIPELINING; 8BITMIME; STARTTLS; DSN
    Domino, AUTH | p LOGIN | mx.example.org Hello vm, pleased to meet you; HELP; PIPELINING; AUTH LOGIN
    MDaemon | 8 t s PLAIN LOGIN CRAM-MD5 | mx.example.org Hello vm, pleased to meet you; ETRN; AUTH LOGIN CRAM-MD5 PLAIN; 8BITMIME; ENHANCEDSTATUSCODES; STARTTLS; SIZE
    MDaemon, both | 8 s LOGIN CRAM-MD5 PLAIN | mx.example.org Hello vm; ETRN; AUTH=LOGIN; AUTH LOGIN CRAM-MD5 PLAIN; 8BITMIME; SIZE 0
    commas | p PLAIN LOGIN | mx.example.org; PIPELINING; AUTH PLAIN,LOGIN
    commas and blanks | PLAIN LOGIN CRAM-MD5 | mx.example.org; auth=plain, login ,CRAM-MD5,; X,Y
    hMailServer | s20480000 LOGIN | mx.example.org; SIZE 20480000; AUTH LOGIN; HELP
    hMailServer, TLS | t s20480000 LOGIN PLAIN | mx.example.org; SIZE 20480000; STARTTLS; AUTH LOGIN PLAIN; HELP
    MailEnable | 8 s5120000 LOGIN | mx.example.org [192.0.2.7], this server offers 4 extensions; AUTH LOGIN; SIZE 5120000; HELP; AUTH=LOGIN; 8BITMIME
    MailEnable, TLS | t LOGIN CRAM-MD5 | mx.example.org, this server offers 5 extensions; AUTH LOGIN CRAM-MD5; HELP; AUTH=LOGIN; STARTTLS
    SmarterMail | 8 t s LOGIN CRAM-MD5 | mx.example.org Hello [192.0.2.7]; SIZE; AUTH LOGIN CRAM-MD5; STARTTLS; 8BITMIME; DSN; OK
    Kerio Connect | 8 t s CRAM-MD5 PLAIN LOGIN DIGEST-MD5 | mx.example.org; AUTH CRAM-MD5 PLAIN LOGIN DIGEST-MD5; STARTTLS; ENHANCEDSTATUSCODES; 8BITMIME; PIPELINING-OFF; ETRN; DSN; HELP; SIZE
    Axigen | p 8 t s10485760 PLAIN LOGIN CRAM-MD5 DIGEST-MD5 GSSAPI | mx.example.org Axigen ESMTP hello; PIPELINING; AUTH PLAIN LOGIN CRAM-MD5 DIGEST-MD5 GSSAPI; AUTH=PLAIN LOGIN CRAM-MD5 DIGEST-MD5 GSSAPI; 8BITMIME; SIZE 10485760; HELP; STARTTLS; OK
    CommuniGate | p 8 t s LOGIN PLAIN CRAM-MD5 DIGEST-MD5 | mx.example.org is pleased to meet you; DSN; SIZE; STARTTLS; AUTH LOGIN PLAIN CRAM-MD5 DIGEST-MD5; ETRN; TURN; ATRN; NO-SOLICITING; 8BITMIME; HELP; PIPELINING; EHLO
    IceWarp | 8 t s104857600 CRAM-MD5 LOGIN PLAIN | mx.example.org Hello vm; DSN; SIZE 104857600; STARTTLS; AUTH CRAM-MD5 LOGIN PLAIN; 8BITMIME
    Lotus on iSeries | 8 s16777216 | mx.example.org; 8BITMIME; SIZE 16777216
    Mercury | 8 s LOGIN | mx.example.org Hello vm; ESMTPs are:; TIME; SIZE 0; 8BITMIME; AUTH LOGIN; AUTH=LOGIN; HELP
    ArGoSoft | 8 s LOGIN | Welcome [192.0.2.7], pleased to meet you; AUTH=LOGIN; SIZE; 8BITMIME
    IMail | 8 s LOGIN CRAM-MD5 | mx.example.org says hello; SIZE 0; 8BITMIME; DSN; ETRN; AUTH LOGIN CRAM-MD5; AUTH=LOGIN; EXPN
    VPOP3 | 8 s LOGIN CRAM-MD5 | vpop3.example.org Hello vm; HELP; SIZE; 8BITMIME; AUTH LOGIN CRAM-MD5; AUTH=LOGIN CRAM-MD5
    James | p 8 t s PLAIN LOGIN | mx.example.org Hello vm [192.0.2.7]); PIPELINING; ENHANCEDSTATUSCODES; 8BITMIME; STARTTLS; AUTH LOGIN PLAIN; AUTH=LOGIN PLAIN; SIZE
    Stalwart | p 8 u t s104857600 | mx.example.org you had me at EHLO; STARTTLS; SMTPUTF8; SIZE 104857600; REQUIRETLS; PIPELINING; NO-SOLICITING; ENHANCEDSTATUSCODES; CHUNKING; 8BITMIME
    Stalwart, after TLS | p 8 u s104857600 PLAIN LOGIN OAUTHBEARER XOAUTH2 | mx.example.org you had me at EHLO; AUTH PLAIN LOGIN OAUTHBEARER XOAUTH2; SMTPUTF8; SIZE 104857600; PIPELINING; 8BITMIME
    Maddy | p 8 u t s33554432 | Hello vm; PIPELINING; 8BITMIME; ENHANCEDSTATUSCODES; CHUNKING; STARTTLS; SMTPUTF8; SIZE 33554432; LIMITS RCPTMAX=20000
    Dovecot submission | p 8 s PLAIN LOGIN | mx.example.org; 8BITMIME; AUTH PLAIN LOGIN; BURL imap; CHUNKING; ENHANCEDSTATUSCODES; SIZE; PIPELINING
    Dovecot submission, OAuth | p 8 s41943040 OAUTHBEARER XOAUTH2 | mx.example.org; 8BITMIME; AUTH OAUTHBEARER XOAUTH2; BURL; CHUNKING; ENHANCEDSTATUSCODES; SIZE 41943040; PIPELINING
    Cyrus lmtp-like | p 8 s | mx.example.org; 8BITMIME; ENHANCEDSTATUSCODES; PIPELINING; SIZE; IGNOREQUOTA
    ZoneMTA | p 8 u t s31457280 PLAIN LOGIN | mx.example.org Nice to meet you, vm; PIPELINING; 8BITMIME; SMTPUTF8; AUTH LOGIN PLAIN; STARTTLS; SIZE 31457280
    nodemailer smtp-server | p 8 u t PLAIN LOGIN | mx.example.org Nice to meet you, [192.0.2.7]; PIPELINING; 8BITMIME; SMTPUTF8; AUTH LOGIN PLAIN; STARTTLS
    aiosmtpd | 8 u s33554432 LOGIN PLAIN | mx.example.org; SIZE 33554432; 8BITMIME; SMTPUTF8; AUTH LOGIN PLAIN; HELP
    smtpd.py | 8 s33554432 | mx.example.org; SIZE 33554432; 8BITMIME; HELP
    MailHog | p PLAIN | Hello vm; PIPELINING; AUTH PLAIN
    Mailpit | s PLAIN LOGIN | mailpit greets vm; SIZE 0; AUTH PLAIN LOGIN; ENHANCEDSTATUSCODES
    GreenMail | | mx.example.org
    go-smtp | p 8 t | Hello vm; PIPELINING; 8BITMIME; ENHANCEDSTATUSCODES; CHUNKING; STARTTLS
    Halon | p 8 u t s52428800 | mx.example.org; 8BITMIME; PIPELINING; SIZE 52428800; STARTTLS; SMTPUTF8; CHUNKING
    KumoMTA | p 8 t | mx.example.org Aloha vm; PIPELINING; ENHANCEDSTATUSCODES; STARTTLS; 8BITMIME
    PowerMTA | p 8 t s | mx.example.org says hello; ENHANCEDSTATUSCODES; PIPELINING; CHUNKING; 8BITMIME; AUTH; XACK; XMRG; SIZE 0; VERP; DSN; STARTTLS
    PowerMTA, AUTH | p 8 s54525952 CRAM-MD5 PLAIN LOGIN | mx.example.org says hello; ENHANCEDSTATUSCODES; PIPELINING; 8BITMIME; AUTH CRAM-MD5 PLAIN LOGIN; AUTH=CRAM-MD5 PLAIN LOGIN; SIZE 54525952; DSN
    Momentum | p 8 s | mx.example.org says EHLO to 192.0.2.7:40000; PIPELINING; 8BITMIME; ENHANCEDSTATUSCODES; SIZE
    GreenArrow | p 8 PLAIN LOGIN | mx.example.org; PIPELINING; AUTH=PLAIN LOGIN; AUTH PLAIN LOGIN; 8BITMIME
    Exchange 2003 | p 8 t s GSSAPI NTLM LOGIN | mx.example.org Hello [192.0.2.7]; TURN; SIZE; ETRN; PIPELINING; DSN; ENHANCEDSTATUSCODES; 8bitmime; BINARYMIME; CHUNKING; VRFY; TLS; STARTTLS; X-EXPS GSSAPI NTLM LOGIN; X-EXPS=LOGIN; AUTH GSSAPI NTLM LOGIN; AUTH=LOGIN; X-LINK2STATE; XEXCH50; OK
    Exchange 2007 | p 8 t s10485760 NTLM | mx.example.org Hello [192.0.2.7]; SIZE 10485760; PIPELINING; DSN; ENHANCEDSTATUSCODES; STARTTLS; X-ANONYMOUSTLS; AUTH NTLM; X-EXPS NTLM; 8BITMIME; BINARYMIME; CHUNKING; XEXCH50; XRDST
    Exchange 2016 | p 8 u t s37748736 GSSAPI NTLM LOGIN | mx.example.org Hello [192.0.2.7]; SIZE 37748736; PIPELINING; DSN; ENHANCEDSTATUSCODES; STARTTLS; X-ANONYMOUSTLS; AUTH GSSAPI NTLM LOGIN; X-EXPS GSSAPI NTLM; 8BITMIME; BINARYMIME; CHUNKING; XEXCH50; SMTPUTF8; XRDST; XSHADOWREQUEST
    Office 365, before TLS | p 8 u t s157286400 | AM0PR01CA0001.outlook.example Hello [192.0.2.7]; SIZE 157286400; PIPELINING; DSN; ENHANCEDSTATUSCODES; STARTTLS; 8BITMIME; BINARYMIME; CHUNKING; SMTPUTF8
    Office 365, after TLS | p 8 u s157286400 LOGIN XOAUTH2 | AM0PR01CA0001.outlook.example Hello [192.0.2.7]; SIZE 157286400; PIPELINING; DSN; ENHANCEDSTATUSCODES; AUTH LOGIN XOAUTH2; 8BITMIME; BINARYMIME; CHUNKING; SMTPUTF8
    Office 365, without Basic | p 8 u s157286400 XOAUTH2 | AM0PR01CA0001.outlook.example Hello [192.0.2.7]; SIZE 157286400; PIPELINING; DSN; AUTH XOAUTH2; 8BITMIME; SMTPUTF8
    Office 365, MX | p 8 u t s157286400 | example.mail.protection.outlook.example Hello [192.0.2.7]; SIZE 157286400; PIPELINING; DSN; ENHANCEDSTATUSCODES; STARTTLS; 8BITMIME; BINARYMIME; CHUNKING; SMTPUTF8
    Gmail, before TLS | p 8 u t s35882577 | smtp.gmail.example at your service, [192.0.2.7]; SIZE 35882577; 8BITMIME; STARTTLS; ENHANCEDSTATUSCODES; PIPELINING; CHUNKING; SMTPUTF8
    Gmail, after TLS | p 8 u s35882577 LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH | smtp.gmail.example at your service, [192.0.2.7]; SIZE 35882577; 8BITMIME; AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH; ENHANCEDSTATUSCODES; PIPELINING; CHUNKING; SMTPUTF8
    Gmail relay | p 8 u t s157286400 | smtp-relay.gmail.example at your service, [192.0.2.7]; SIZE 157286400; 8BITMIME; STARTTLS; ENHANCEDSTATUSCODES; PIPELINING; SMTPUTF8
    SES, before TLS | 8 t | email-smtp.amazonaws.example; 8BITMIME; STARTTLS; Ok
    SES, after TLS | 8 PLAIN LOGIN | email-smtp.amazonaws.example; 8BITMIME; AUTH PLAIN LOGIN; Ok
    SES, port 465 | 8 s PLAIN LOGIN | email-smtp.amazonaws.example; 8BITMIME; SIZE 0; AUTH PLAIN LOGIN; Ok
    SendGrid | p 8 t s31457280 PLAIN LOGIN | smtp.sendgrid.example; 8BITMIME; PIPELINING; SIZE 31457280; STARTTLS; AUTH PLAIN LOGIN; AUTH=PLAIN LOGIN
    Mailgun | p 8 u t s52428800 PLAIN LOGIN | mailgun ready; AUTH PLAIN LOGIN; SIZE 52428800; 8BITMIME; ENHANCEDSTATUSCODES; SMTPUTF8; PIPELINING; STARTTLS
    Postmark | p 8 t s10485760 CRAM-MD5 PLAIN LOGIN | smtp.postmark.example; STARTTLS; SIZE 10485760; PIPELINING; 8BITMIME; AUTH CRAM-MD5 PLAIN LOGIN
    Mailjet | p 8 t s15728640 PLAIN LOGIN | in.mailjet.example; PIPELINING; SIZE 15728640; VRFY; ETRN; STARTTLS; AUTH PLAIN LOGIN; AUTH=PLAIN LOGIN; ENHANCEDSTATUSCODES; 8BITMIME; DSN
    Brevo | p 8 t s20971520 PLAIN LOGIN CRAM-MD5 | smtp-relay.brevo.example; PIPELINING; 8BITMIME; STARTTLS; SIZE 20971520; AUTH PLAIN LOGIN CRAM-MD5
    SparkPost | p 8 t s PLAIN LOGIN | smtp.sparkpost.example says EHLO; STARTTLS; AUTH PLAIN LOGIN; PIPELINING; ENHANCEDSTATUSCODES; 8BITMIME; SIZE
    Mandrill | p 8 t s26214400 PLAIN LOGIN | smtp.mandrill.example; PIPELINING; SIZE 26214400; STARTTLS; AUTH PLAIN LOGIN; ENHANCEDSTATUSCODES; 8BITMIME
    SMTP2GO | p 8 t s52428800 CRAM-MD5 PLAIN LOGIN | mail.smtp2go.example Hello vm [192.0.2.7]; SIZE 52428800; 8BITMIME; DSN; PIPELINING; STARTTLS; AUTH CRAM-MD5 PLAIN LOGIN; HELP
    Elastic | 8 t s LOGIN CRAM-MD5 PLAIN | smtp.elastic.example; AUTH LOGIN CRAM-MD5 PLAIN; SIZE; STARTTLS; 8BITMIME
    Zoho | 8 t s53477376 | mx.zoho.example Hello vm; STARTTLS; SIZE 53477376; 8BITMIME
    Zoho, after TLS | 8 s53477376 LOGIN PLAIN XOAUTH2 | mx.zoho.example Hello vm; AUTH LOGIN PLAIN XOAUTH2; SIZE 53477376; 8BITMIME
    Fastmail | p 8 s71000000 PLAIN LOGIN OAUTHBEARER | smtp.fastmail.example; PIPELINING; SIZE 71000000; ENHANCEDSTATUSCODES; 8BITMIME; AUTH PLAIN LOGIN OAUTHBEARER; AUTH=PLAIN LOGIN OAUTHBEARER
    Yahoo | p 8 s41697280 PLAIN LOGIN XOAUTH2 OAUTHBEARER | hermes.yahoo.example Hello vm [192.0.2.7]; PIPELINING; ENHANCEDSTATUSCODES; 8BITMIME; SIZE 41697280; AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER
    iCloud | p 8 t s28311552 | smtp.icloud.example; PIPELINING; SIZE 28311552; ETRN; STARTTLS; ENHANCEDSTATUSCODES; 8BITMIME; DSN
    iCloud, after TLS | p 8 s28311552 XOAUTH2 ATOKEN WSTOKEN PLAIN LOGIN | smtp.icloud.example; PIPELINING; SIZE 28311552; AUTH XOAUTH2 ATOKEN WSTOKEN PLAIN LOGIN; 8BITMIME
    GMX | 8 t s157286400 | gmx.example Hello vm [192.0.2.7]; 8BITMIME; SIZE 157286400; STARTTLS
    GMX, after TLS | 8 s157286400 LOGIN PLAIN | gmx.example Hello vm [192.0.2.7]; 8BITMIME; AUTH LOGIN PLAIN; SIZE 157286400
    T-Online | 8 s52428800 PLAIN LOGIN | fwd.t-online.example T-Online; 8BITMIME; SIZE 52428800; AUTH PLAIN LOGIN; AUTH=PLAIN LOGIN; ENHANCEDSTATUSCODES
    web.de | 8 t s141557760 | web.example Hello vm; 8BITMIME; SIZE 141557760; STARTTLS
    IONOS | 8 t s141557760 | kundenserver.example Hello vm [192.0.2.7]; 8BITMIME; SIZE 141557760; STARTTLS
    OVH | p 8 t s104857600 LOGIN PLAIN | ssl0.ovh.example; PIPELINING; SIZE 104857600; STARTTLS; AUTH LOGIN PLAIN; AUTH=LOGIN PLAIN; ENHANCEDSTATUSCODES; 8BITMIME
    Gandi | p 8 t s104857600 PLAIN LOGIN | mail.gandi.example; PIPELINING; SIZE 104857600; STARTTLS; AUTH PLAIN LOGIN; 8BITMIME; DSN
    Orange | p 8 s PLAIN LOGIN | mwinf5c01 ME hello; HELP; AUTH LOGIN PLAIN; SIZE 0; PIPELINING; 8BITMIME
    Free.fr | p 8 s | smtp.free.example; PIPELINING; SIZE 0; VRFY; ETRN; ENHANCEDSTATUSCODES; 8BITMIME; DSN
    Yandex | p 8 s53477376 LOGIN PLAIN XOAUTH2 | mail.yandex.example; 8BITMIME; PIPELINING; SIZE 53477376; AUTH LOGIN PLAIN XOAUTH2; DSN; ENHANCEDSTATUSCODES
    Yandex, before TLS | p 8 t s53477376 | mail.yandex.example; 8BITMIME; PIPELINING; SIZE 53477376; STARTTLS; DSN; ENHANCEDSTATUSCODES
    mail.ru | p 8 t s73400320 PLAIN LOGIN XOAUTH2 | smtp.mail.example; SIZE 73400320; 8BITMIME; PIPELINING; AUTH PLAIN LOGIN XOAUTH2; STARTTLS
    163 | p 8 t s73400320 LOGIN PLAIN XOAUTH2 | mail; PIPELINING; AUTH LOGIN PLAIN XOAUTH2; AUTH=LOGIN PLAIN XOAUTH2; coremail 1Uxr2xKj7kG0xkI17xGrU7I0s8FY2U3Uj8Cz28x1UUUUU7Ic2I0Y2UFRdK; STARTTLS; ID; SIZE 73400320; 8BITMIME
    QQ | p 8 t s73400320 LOGIN PLAIN XOAUTH XOAUTH2 | newxmesmtplogicsvr.qq.example; PIPELINING; SIZE 73400320; STARTTLS; AUTH LOGIN PLAIN XOAUTH XOAUTH2; AUTH=LOGIN; MAILCOMPRESS; SMTPUTF8-OFF; 8BITMIME
    Aliyun | p 8 t s LOGIN PLAIN | smtpdm.aliyun.example; PIPELINING; AUTH=LOGIN PLAIN; AUTH LOGIN PLAIN; STARTTLS; SIZE 0; 8BITMIME
    Naver | p 8 s20971520 LOGIN PLAIN | smtp.naver.example; PIPELINING; SIZE 20971520; AUTH LOGIN PLAIN; 8BITMIME
    Docomo | 8 s | mfsmax.docomo.example; 8BITMIME; SIZE 0
    IronPort | 8 t s33554432 | mx.example.org; 8BITMIME; SIZE 33554432; STARTTLS
    IronPort, AUTH | 8 s10485760 PLAIN LOGIN | mx.example.org; 8BITMIME; SIZE 10485760; AUTH PLAIN LOGIN; AUTH=PLAIN LOGIN
    Proofpoint | p 8 t s52428800 | mx.pphosted.example Hello vm [192.0.2.7], pleased to meet you; 8BITMIME; ENHANCEDSTATUSCODES; PIPELINING; SIZE 52428800; STARTTLS
    Mimecast | 8 t s LOGIN | eu-smtp.mimecast.example; AUTH LOGIN; AUTH=LOGIN; STARTTLS; SIZE; 8BITMIME; HELP
    Barracuda | p 8 t s104857600 | mx.example.org Hello vm [192.0.2.7], pleased to meet you; SIZE 104857600; STARTTLS; PIPELINING; 8BITMIME; HELP
    FortiMail | 8 t s10485760 LOGIN PLAIN DIGEST-MD5 CRAM-MD5 | fortimail.example Hello vm, pleased to meet you; ENHANCEDSTATUSCODES; 8BITMIME; SIZE 10485760; DSN; AUTH LOGIN PLAIN DIGEST-MD5 CRAM-MD5; STARTTLS; DELIVERBY; HELP
    Cisco PIX in front | 8 s | mx.example.org; SIZE; XXXXXXXA; 8BITMIME; XXXB
    Cisco PIX, STARTTLS masked | p s10240000 | mx.example.org; PIPELINING; SIZE 10240000; XXXXXXXX; XXXXXXXXXXXXXXXXXXX
    Zimbra | p 8 t s10240000 LOGIN PLAIN | zimbra.example.org; PIPELINING; SIZE 10240000; ETRN; STARTTLS; AUTH LOGIN PLAIN; AUTH=LOGIN PLAIN; ENHANCEDSTATUSCODES; 8BITMIME; DSN
    lower case | p 8 u t s10240000 | mx.example.org; pipelining; size 10240000; starttls; 8bitmime; smtputf8
    lower-case AUTH | 8 t PLAIN LOGIN | mx.example.org; auth plain login; starttls; 8bitmime
    lower-case AUTH= | LOGIN | mx.example.org; auth=login
    capitalised | p 8 t s1000 PLAIN LOGIN | mx.example.org; Pipelining; Size 1000; StartTls; Auth Plain Login; 8BitMime
    mechanisms in lower case | PLAIN LOGIN CRAM-MD5 | mx.example.org; AUTH plain login cram-md5
    tab behind AUTH | PLAIN LOGIN | mx.example.org; AUTH\tPLAIN\tLOGIN
    tab behind SIZE | s1000 t | mx.example.org; SIZE\t1000; STARTTLS\t
    blanks at the end | t s1000 PLAIN | mx.example.org; STARTTLS  _; SIZE 1000 _; AUTH PLAIN _
    several blanks | PLAIN LOGIN s5 | mx.example.org; AUTH   PLAIN    LOGIN; SIZE   5
    blanks before the word | t PLAIN | mx.example.org; \t STARTTLS; \t AUTH PLAIN
    AUTH over several lines | PLAIN LOGIN CRAM-MD5 | mx.example.org; AUTH PLAIN; AUTH LOGIN; AUTH=CRAM-MD5; AUTH PLAIN
    AUTH with = and a blank | LOGIN PLAIN | mx.example.org; AUTH= LOGIN PLAIN
    AUTH with = between all | LOGIN PLAIN | mx.example.org; AUTH=LOGIN=PLAIN
    AUTH without mechanisms | | mx.example.org; AUTH; AUTH=
    SIZE with = | s1000 | mx.example.org; SIZE=1000
    SIZE no number | s | mx.example.org; SIZE unlimited
    SIZE beyond 64 bits | s | mx.example.org; SIZE 99999999999999999999999
    SIZE negative | s | mx.example.org; SIZE -1
    SIZE with unit | s10485760 | mx.example.org; SIZE 10485760 bytes
    like STARTTLS | | mx.example.org; XSTARTTLS; STARTTLSX; START TLS; NOSTARTTLS; X-STARTTLS
    like AUTH | | mx.example.org; AUTHENTICATE PLAIN; XAUTH PLAIN; X-EXPS=LOGIN
    bytes beyond ASCII | t | mx.example.org; Ünïcode; STARTTLS; ſtarttls
    STARTTLS with words behind | t | mx.example.org; STARTTLS available
    nothing but words | | mx.example.org greets you; have a nice day; HELP
    """#
}
