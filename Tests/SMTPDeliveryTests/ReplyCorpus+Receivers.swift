// Replies of those who receive mail for many, of block lists, and in other languages; see `ReplyCorpus`.

extension ReplyCorpus {
  /// Block lists and gateways in front of mail servers, which write under whatever code they like.
  static let lists = #"""
    Spamhaus | recipient | reputation | 550 5.2.1 Mailbox unavailable. Your IP address 192.0.2.7 is blacklisted using a public list.
    Spamhaus | recipient | reputation | 553 https://www.spamhaus.org/query/ip/192.0.2.7
    Spamhaus | recipient | reputation | 554 5.7.1 <anna@example.org>: Recipient address rejected: https://www.spamhaus.org/query/ip/192.0.2.7
    Spamhaus | recipient | reputation | 550 5.1.1 192.0.2.7 has been blocked by zen.spamhaus.org
    Spamhaus | recipient | reputation | 550 192.0.2.7 listed at zen.spamhaus.org
    Spamhaus | recipient | reputation | 550 5.1.0 192.0.2.7 found in SBL-XBL listing
    Spamhaus | recipient | reputation | 550 The IP address was rejected by the Realtime Block List provider
    Spamhaus | recipient | reputation | 553 5.3.0 <anna@example.org>... Mail from 192.0.2.7 rejected, see the list's page
    Spamhaus | recipient | reputation | 554 Denied [XBL] - your address is on a list of exploited hosts: block list
    Spamhaus | recipient | reputation | 554 Connection refused. 192.0.2.7 is listed on the Exploits Block List
    Spamhaus | final | reputation | 550 5.5.0 Message contains a link to a domain in the Spamhaus DBL
    Spamhaus | recipient | reputation | 450 4.1.1 client [192.0.2.7] blocked using zen.spamhaus.org
    SORBS | recipient | reputation | 550 Currently Sending Spam See: http://www.sorbs.net/lookup.shtml?192.0.2.7
    SORBS | recipient | reputation | 550 Rejected 192.0.2.7 found in dnsbl.sorbs.net
    SORBS | recipient | reputation | 501 5.7.1 <no-reply@fabrikam.example>... Sender refused by the DNSBL dnsbl.sorbs.net
    SpamCop | recipient | reputation | 550 5.1.1 Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.7
    SpamCop | recipient | reputation | 554 5.7.1 rejected using bl.spamcop.net
    UCEPROTECT | recipient | reputation | 550 Your network is listed at UCEPROTECT-Level 2
    UCEPROTECT | recipient | reputation | 550 5.0.0 IP 192.0.2.7 is UCEPROTECT-Level 1 listed
    Invaluement | recipient | reputation | 550 5.5.4 ETP208 Your IP 192.0.2.7 is listed by Invaluement
    Hostkarma | recipient | reputation | 550 Black listed at hostkarma
    SpamRATS | recipient | reputation | 554 5.7.1 host [192.0.2.7] in SpamRATS dynamic list: no reverse name
    Cobion | recipient | reputation | 550 Rejected due to DNSBL server response (192.0.2.7)
    NiX | recipient | reputation | 550 5.7.1 Spam sent to the mailhost was detected by NiX Spam from 192.0.2.7
    Trend Micro | recipient | reputation | 550 Service unavailable; Client host [192.0.2.7] blocked using Trend Micro Email Reputation Service
    Trend Micro | connect | load | 450 4.7.1 Server temporarily busy
    Cloudmark | final | reputation | 550 5.1.0 192.0.2.7 Poor Reputation Sender, see csi.cloudmark.com/reset-request
    Cloudmark | final | reputation | 554 5.7.1 [P4] Message blocked due to spam content in the message.
    Barracuda | recipient | reputation | 554 Service unavailable; Client host [vm.example.net] blocked by bbl.barracudacentral.com
    Barracuda | recipient | reputation | 550 permanent failure for one or more recipients (anna@example.org:blocked)
    Barracuda | recipient | recipient | 550 permanent failure for one or more recipients (anna@example.org:550 5.1.1 User unknown)
    Barracuda | recipient | recipient | 550 No such domain at this location (anna@example.invalid)
    Barracuda | final | reputation | 554 rejected due to spam content
    Barracuda | final | reputation | 550 Message was blocked by server's content policy
    Barracuda | connect | load | 421 too many connections from your host
    Barracuda | final | reputation | 554 rejected due to virus
    IronPort | connect | reputation | 554-mx.example.org Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you believe that this failure is in error, please contact the intended recipient via alternate means.
    IronPort | recipient | reputation | 550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.
    IronPort | recipient | recipient | 550 #5.1.1 user unknown
    IronPort | recipient | sender | 550 #5.1.0 Address rejected.
    IronPort | recipient | relaying | 550 #5.7.1 Relaying denied.
    IronPort | mail | sender | 553 #5.1.8 Domain of sender address <no-reply@fabrikam.example> does not exist
    IronPort | mail | load | 452 #4.3.1 queue full: too many messages
    IronPort | connect | load | 421 #4.4.5 Too many connections from your host.
    IronPort | recipient | load | 452 #4.5.3 Too many recipients
    IronPort | mail | message | 552 #5.3.4 message size exceeds limit
    Proofpoint | recipient | reputation | 554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.7
    Proofpoint | recipient | reputation | 550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.7
    Proofpoint | recipient | recipient | 550 5.1.1 User Unknown
    Proofpoint | final | reputation | 550 5.7.0 Local Policy Violation
    Proofpoint | final | sender | 550 5.7.1 DMARC policy of fabrikam.example asks for rejection
    Proofpoint | recipient | greylisting | 451 4.7.1 Greylisted, retry in 60 seconds
    Mimecast | recipient | recipient | 550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550
    Mimecast | recipient | reputation | 550 csi.mimecast.org Poor Reputation Sender. - https://community.mimecast.com/docs/DOC-1369#550
    Mimecast | mail | reputation | 550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550
    Mimecast | final | reputation | 554 Email rejected due to security policies - MCSpamSignature.x.x
    Mimecast | final | sender | 550 Rejected by header based Anti-Spoofing policy: no-reply@fabrikam.example
    Mimecast | recipient | greylisting | 451 Internal resources are temporarily unavailable - greylisted
    Mimecast | recipient | load | 451 IP temporarily throttled: too many messages
    Mimecast | recipient | sender | 550 SPF Sender Invalid - envelope rejected
    Mimecast | recipient | sender | 550 DKIM Sender Invalid
    Symantec | recipient | recipient | 550 anna@example.org... No such user
    Symantec | recipient | reputation | 553 Message filtered. Refer to the Troubleshooting page for more information. (#5.7.1)
    Symantec | connect | reputation | 501 Connection rejected by policy [7.7] 20805, please visit the troubleshooting page
    Sophos | final | reputation | 550 5.7.1 Rejected: message identified as phishing
    FortiMail | connect | reputation | 554 5.7.1 This email from IP 192.0.2.7 has been rejected. The email message was detected as spam.
    FortiMail | recipient | recipient | 550 5.1.1 <anna@example.org>... User unknown (FortiMail)
    Trustwave | final | reputation | 550 Rule imposed mailbox access refused: message blocked by policy
    SpamTitan | recipient | reputation | 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using ip reputation
    Hornetsecurity | recipient | reputation | 554 5.7.1 Rejected because of bad reputation of 192.0.2.7
    Hornetsecurity | recipient | recipient | 550 5.1.1 Recipient unknown. Contact the administrator of the domain
    Antispam Europe | connect | reputation | 550 5.7.1 Your IP is currently sending spam, see the delisting form
    Abusix | recipient | reputation | 550 5.7.1 192.0.2.7 blocked by Abusix Mail Intelligence: black list
    Policyd | recipient | greylisting | 450 4.7.1 <anna@example.org>: Recipient address rejected: Policy Rejection- first time sender, please come back in 5 minutes
    Geo | recipient | reputation | 550 5.7.1 Email blocked by GeoIP filter: mail from your country is not wanted
    Dial-up | recipient | reputation | 550 Dynamic IP addresses may not send mail directly. Use the SMTP server of your ISP.
    Geo | recipient | reputation | 554 5.7.1 Client host [192.0.2.7] rejected: geographical location
    """#

  /// Those who hold mailboxes for many.
  static let providers = #"""
    Gmail | recipient | recipient | 550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. Learn more at 550 5.1.1 https://support.example.com/mail/?p=NoSuchUser - gsmtp
    Gmail | recipient | recipient | 550-5.2.1 The email account that you tried to reach is inactive. 550 5.2.1 https://support.example.com/mail/?p=DisabledUser - gsmtp
    Gmail | recipient | recipient | 452-4.2.2 The recipient's inbox is out of storage space. 452 4.2.2 https://support.example.com/mail/?p=OverQuotaTemp - gsmtp
    Gmail | recipient | recipient | 552-5.2.2 The recipient's inbox is out of storage space and inactive. 552 5.2.2 https://support.example.com/mail/?p=OverQuotaPerm - gsmtp
    Gmail | recipient | recipient | 553-5.1.3 The recipient address <anna@> is not a valid RFC 5321 address. - gsmtp
    Gmail | final | reputation | 550-5.7.1 [192.0.2.7] Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked. - gsmtp
    Gmail | final | reputation | 550-5.7.1 [192.0.2.7 19] Our system has detected that this message is likely suspicious due to the very low reputation of the sending domain.
    Gmail | final | sender | 550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.
    Gmail | final | sender | 550-5.7.26 Unauthenticated email from fabrikam.example is not accepted due to domain's DMARC policy.
    Gmail | final | hello | 550-5.7.25 [192.0.2.7] The IP address sending this message does not have a PTR record setup, or the corresponding forward DNS entry does not match
    Gmail | final | hello | 550-5.7.1 [192.0.2.7] Our system has detected that this message does not meet IPv6 sending guidelines regarding PTR records and authentication.
    Gmail | final | message | 550-5.7.1 [192.0.2.7] Messages missing a valid Message-ID header are not accepted.
    Gmail | final | message | 550-5.7.1 [192.0.2.7] Our system has detected that this message is not RFC 5322 compliant: Multiple From headers found.
    Gmail | final | message | 552-5.3.4 Your message exceeded Google's message size limits.
    Gmail | final | reputation | 552-5.7.0 This message was blocked because its content presents a potential security issue.
    Gmail | connect | load | 421-4.7.0 [192.0.2.7 15] Our system has detected an unusual rate of unsolicited mail originating from your IP address.
    Gmail | recipient | load | 450 4.2.1 The user you are trying to contact is receiving mail too quickly.
    Outlook.com | recipient | recipient | 550 5.5.0 Requested action not taken: mailbox unavailable.
    Outlook.com | recipient | reputation | 550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).
    Outlook.com | connect | reputation | 550 SC-001 (BAY004-MC1F14) Unfortunately, messages from 192.0.2.7 weren't sent: content that is characteristic of spam
    Outlook.com | recipient | load | 451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited.
    Outlook.com | recipient | load | 421 RP-001 (COL004) The mail server IP connecting to Outlook.com has exceeded the rate limit allowed.
    Outlook.com | recipient | message | 552 5.2.2 This message is larger than the current system limit or the recipient's mailbox is full.
    Yahoo | recipient | recipient | 554 delivery error: dd This user doesn't have a yahoo.com account (anna@example.org) [0] - mta1.mail.example.com
    Yahoo | recipient | recipient | 554 delivery error: dd Not a valid recipient - mta1.mail.example.com
    Yahoo | recipient | recipient | 554 delivery error: dd Requested mail action aborted, mailbox not found
    Yahoo | recipient | recipient | 552 1 Requested mail action aborted, mailbox not found
    Yahoo | final | recipient | 554 delivery error: dd Sorry, your message to anna@example.org cannot be delivered. This mailbox is disabled (554.30).
    Yahoo | final | reputation | 554 Message not allowed - [PH01] Email not accepted for policy reasons.
    Yahoo | connect | reputation | 553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.7, because the ip is in Spamhaus's list
    Yahoo | connect | reputation | 553 Mail from 192.0.2.7 not allowed - 5.7.1 [BL23] Connections not accepted from IP addresses on a block list
    Yahoo | mail | load | 421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to user complaints and too many messages
    Yahoo | final | sender | 554 5.7.9 Message not accepted for policy reasons: sender failed DMARC
    Yahoo | connect | load | 421 4.16.55 [TSS09] All messages from 192.0.2.7 will be deferred; rate limit
    AOL | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: example.org
    AOL | recipient | reputation | 521 5.2.1 : (CON:B1) your IP address is blocked: spam complaints
    AOL | final | reputation | 554 5.7.1 : (HVU:B1) the URL in this message has generated a substantial number of complaints
    Apple | recipient | recipient | 550 5.1.1 <anna@example.org>: inactive email address
    Apple | recipient | recipient | 550 5.1.1 unknown or illegal alias: anna@example.org
    Apple | final | reputation | 550 5.7.0 Blocked - see the support article
    Apple | connect | reputation | 554 5.7.1 [HM07] Message rejected due to local policy
    Apple | recipient | recipient | 552 5.2.2 <anna@example.org>: user is over quota
    Comcast | recipient | recipient | 550 5.1.1 Not our Customer
    Comcast | connect | reputation | 554 mx.example.com 192.0.2.7 found on one or more DNSBLs
    Comcast | connect | reputation | 554 mx.example.com comcast 192.0.2.7 Comcast block for spam.
    Comcast | connect | hello | 554 mx.example.com 192.0.2.7 - no PTR record found
    Comcast | recipient | load | 452 4.1.0 too many recipients from your server
    AT&T | recipient | reputation | 553 5.3.0 flpd594 DNSBL:RBL 521< 192.0.2.7 >_is_blocked. For assistance forward this email to abuse
    AT&T | recipient | recipient | 550 5.1.1 <anna@example.org>... User unknown
    Verizon | recipient | recipient | 550 4.2.1 mailbox temporarily disabled: anna@example.org
    Cox | connect | reputation | 554 IMP a1b2 192.0.2.7 rejected - CXBL. See the block list's page
    Cox | recipient | recipient | 550 5.1.1 recipient rejected. AUP#RCPT: no such user
    Spectrum | mail | sender | 550 5.1.0 AUP#I-1000 no-reply@fabrikam.example not allowed to send mail
    Spectrum | connect | load | 421 too many concurrent connections from 192.0.2.7. AUP#CONN
    Facebook | recipient | recipient | 550 5.1.1 RCP-P1 Recipient address does not exist
    ProtonMail | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: Address does not exist
    Fastmail | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in virtual mailbox table
    GMX | recipient | recipient | 550 Requested action not taken: mailbox unavailable
    GMX | connect | reputation | 554-gmx.example (mxgmx114) Nemesis ESMTP Service not available 554-No SMTP service 554-Bad DNS PTR resource record. 554 IP address is black listed
    GMX | connect | hello | 554-Nemesis ESMTP Service not available 554-No SMTP service 554 Bad DNS PTR resource record.
    GMX | final | reputation | 554-Transaction failed 554-Reject due to policy restrictions.
    GMX | mail | account | 550 Requested action not taken: your account exceeded its sending limit
    GMX | recipient | recipient | 552-Requested mail action aborted: exceeded storage allocation 552 Quota exceeded.
    GMX | mail | sender | 550-Requested action not taken: mailbox unavailable 550 Sender address is not allowed.
    GMX | mail | load | 450 Requested mail action not taken: too many mails in a short time, try again later
    web.de | mail | sender | 550 Sender address has null MX
    web.de | connect | load | 421-Service closing transmission channel 421 Too many connections. Try again later.
    T-Online | connect | reputation | 554 IP=192.0.2.7 - None/bad reputation. Ask your postmaster for help or to contact the postmaster to clarify. (NOWL)
    T-Online | connect | reputation | 554 IP=192.0.2.7 - A problem occurred. Ask your postmaster for help (BL)
    T-Online | recipient | recipient | 550 user unknown
    T-Online | recipient | recipient | 550 5.7.0 User unknown: anna@example.org
    Freenet | recipient | recipient | 550 inactive user
    Freenet | recipient | recipient | 550 unknown user
    Freenet | mail | account | 550 authentication required; smtp auth needed
    OVH | recipient | account | 550 5.7.1 spam detected on this account; outgoing mail is blocked, change your password
    OVH | mail | sender | 553 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: not owned by user mailer
    Orange | connect | load | 421 mwinf5c63 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104
    Orange | recipient | recipient | 550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416
    Orange | recipient | recipient | 552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR204_417
    Orange | connect | reputation | 550 mwinf5c63 Votre IP est blacklistee. Your IP is blacklisted OFR004_103
    SFR | connect | reputation | 554 5.7.1 <vm.example.net[192.0.2.7]>: Client host rejected: Abus detecte
    Free.fr | connect | reputation | 550 spam detected: too many spams from your IP
    Free.fr | recipient | recipient | 550 5.2.1 This mailbox has been blocked due to inactivity
    La Poste | recipient | recipient | 550 5.5.0 Service refuse. Adresse destinataire invalide. Invalid recipient.
    Yandex | recipient | recipient | 550 5.7.1 No such user!
    Yandex | mail | sender | 553 5.7.1 Sender address rejected: not owned by auth user.
    Yandex | final | reputation | 554 5.7.1 [2] Message rejected under suspicion of SPAM
    Yandex | authentication | account | 535 5.7.8 Error: authentication failed: This user does not have access rights to this service
    Yandex | recipient | load | 451 4.7.1 Sorry, the service is currently unavailable. Please come back later: too many messages
    Yandex | recipient | recipient | 552 5.2.2 Mailbox size limit exceeded
    mail.ru | recipient | recipient | 550 Message was not accepted -- invalid mailbox. Local mailbox anna@example.org is unavailable: user not found
    mail.ru | final | reputation | 550 spam message rejected. Please visit https://help.example.org/notspam-support
    mail.ru | recipient | reputation | 550 Access from ip address 192.0.2.7 blocked.
    mail.ru | mail | sender | 550 not local sender over smtp
    mail.ru | recipient | reputation | 550 We do not accept mail from dynamic IPs
    mail.ru | recipient | recipient | 550 Message was not accepted -- invalid mailbox. Local mailbox is unavailable: account is disabled
    mail.ru | recipient | load | 451 Ratelimit exceeded for mailbox. Try again later.
    QQ | recipient | recipient | 550 Mailbox not found. http://service.example.com/cgi-bin/help?id=20022
    QQ | recipient | reputation | 550 Mail content denied. http://service.example.com/cgi-bin/help?id=20022
    QQ | connect | reputation | 550 Ip frequency limited: your IP is blocked
    QQ | mail | load | 450 Connection frequency limited: too many connections
    QQ | mail | sender | 501 Mail from address must be same as authorization user.
    QQ | recipient | reputation | 550 Domain of your mail is blacklisted, suspected spam
    QQ | mail | sender | 550 SPF check failed
    Tencent | recipient | recipient | 550 Invalid User: anna@example.org
    Tencent | recipient | load | 550 The sender's domain sends too many messages
    163 | recipient | recipient | 550 User not found: anna@example.org
    163 | final | reputation | 554 DT:SPM suspected spam mail, see the help page
    163 | mail | sender | 553 authentication is required and the sender must match the mailbox
    163 | mail | sender | 553 Mail from must equal authorized user
    163 | recipient | load | 451 MI:SFQ too many messages from this sender in 15 minutes
    163 | mail | account | 550 User has no permission: please log in
    163 | mail | account | 535 Error: authentication failed
    Sina | recipient | recipient | 550 5.1.1 unknown user
    Naver | recipient | recipient | 550 5.1.1 No such user - nsmtp
    Naver | final | reputation | 554 5.7.1 Message blocked: spam policy - nsmtp
    Daum | recipient | recipient | 550 5.1.1 <anna@example.org>... This user doesn't exist
    Docomo | recipient | recipient | 550 Unknown user anna@example.org
    au | recipient | recipient | 550 <anna@example.org>: User unknown
    SoftBank | recipient | recipient | 550 Invalid recipient: <anna@example.org>
    SoftBank | recipient | recipient | 550 5.1.1 Recipient unknown
    Docomo | recipient | reputation | 550 Denied by spam filter settings
    KDDI | mail | reputation | 550 Host refused to accept: spam
    KDDI | recipient | load | 421 too many unknown users from your server
    NIFTY | recipient | recipient | 550 5.2.1 mailbox closed
    Libero | recipient | recipient | 550 RCPT TO:<anna@example.org> User unknown
    Libero | connect | reputation | 550 [Reputation] 192.0.2.7 blocked
    Seznam | recipient | recipient | 550 5.1.1 No such user here
    Seznam | final | reputation | 554 5.7.1 Message rejected: spam
    WP | recipient | recipient | 550 5.1.1 Nie ma takiego uzytkownika
    Interia | recipient | recipient | 550 5.1.1 User unknown
    Onet | recipient | recipient | 550 5.1.1 Unknown user
    UOL | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown
    Terra | recipient | recipient | 550 5.7.1 Invalid user: anna@example.org
    """#

  /// In the languages of those who run servers, with accents and without.
  static let abroad = #"""
    German | recipient | recipient | 550 5.1.1 Empfänger unbekannt
    German | recipient | recipient | 550 Benutzer existiert nicht
    German | recipient | recipient | 550 5.2.2 Das Postfach des Empfängers ist voll
    German | recipient | recipient | 550 Die Adresse anna@example.org ist ungueltig
    German | mail | sender | 550 Absenderadresse nicht erlaubt
    German | recipient | sender | 550 5.7.1 Absender abgelehnt: gehört nicht zu diesem Benutzer
    German | recipient | reputation | 554 Ihre IP 192.0.2.7 steht auf einer Sperrliste
    German | recipient | reputation | 554 5.7.1 Nachricht abgelehnt: Spamverdacht
    German | recipient | account | 550 Anmeldung erforderlich: bitte zuerst authentifizieren
    German | recipient | account | 550 Ihr Konto wurde gesperrt
    German | recipient | load | 452 Zu viele Verbindungen von dieser Adresse
    German | final | message | 552 Die Nachricht ist zu groß
    German | recipient | greylisting | 451 Greylisting: bitte später erneut versuchen
    French | recipient | recipient | 550 5.1.1 Destinataire inconnu
    French | recipient | recipient | 550 L'utilisateur n'existe pas
    French | recipient | recipient | 552 La boîte aux lettres du destinataire est pleine
    French | mail | sender | 550 Expéditeur refusé
    French | recipient | sender | 550 L'adresse de l'expéditeur n'est pas autorisée
    French | recipient | reputation | 554 Votre adresse IP est sur liste noire
    French | final | reputation | 550 Message refusé: contenu indésirable
    French | recipient | account | 550 Authentification requise
    French | recipient | load | 451 Trop de messages, réessayez plus tard
    French | final | message | 552 Message trop volumineux
    Spanish | recipient | recipient | 550 Usuario desconocido
    Spanish | recipient | recipient | 550 5.1.1 El destinatario no existe
    Spanish | recipient | recipient | 552 El buzón del destinatario está lleno
    Spanish | mail | sender | 550 Remitente rechazado
    Spanish | recipient | reputation | 554 Su IP está en una lista negra
    Spanish | recipient | account | 550 Se requiere autenticación
    Spanish | recipient | load | 450 Demasiadas conexiones, intente más tarde
    Polish | recipient | recipient | 550 5.1.1 Nieznany odbiorca
    Polish | recipient | recipient | 550 Użytkownik nie istnieje
    Polish | recipient | recipient | 552 Skrzynka odbiorcy jest pełna
    Polish | mail | sender | 550 Nadawca odrzucony
    Polish | recipient | reputation | 554 Twój adres IP jest zablokowany: spam
    Polish | recipient | account | 550 Wymagane uwierzytelnienie
    Czech | recipient | recipient | 550 5.1.1 Neznámý příjemce
    Czech | recipient | recipient | 550 Uživatel neexistuje
    Czech | recipient | recipient | 552 Schránka příjemce je plná
    Czech | mail | sender | 550 Odesílatel odmítnut
    Czech | recipient | reputation | 554 Vaše IP adresa je na černé listině
    Czech | recipient | account | 550 Je vyžadována autentizace
    Swedish | recipient | recipient | 550 5.1.1 Okänd mottagare
    Swedish | recipient | recipient | 550 Användaren finns inte
    Swedish | recipient | recipient | 552 Mottagarens inkorg är full
    Swedish | mail | sender | 550 Avsändaren avvisad
    Swedish | recipient | reputation | 554 Din IP-adress är svartlistad
    Swedish | recipient | account | 550 Autentisering krävs
    Italian | recipient | recipient | 550 Utente sconosciuto
    Italian | recipient | reputation | 554 Il suo IP è in lista nera
    Portuguese | recipient | recipient | 550 Destinatário não existe
    Dutch | recipient | recipient | 550 Ontvanger onbekend
    Estonian | recipient | reputation | 550 5.7.1 Teie server 192.0.2.7 on blacklistis
    """#
}
