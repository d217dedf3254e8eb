// Replies as servers write them, with what each is about: one a line, `server | stage | subject | reply`. Names and
// addresses are of the documentation's; the essential words are the servers'.

enum ReplyCorpus {
  struct Line: Sendable, CustomStringConvertible {
    let server: String
    let stage: String
    let subject: String
    let reply: String

    var description: String { "\(server), \(stage), \(subject): \(reply)" }
  }

  private static let texts = [hosts, relays, lists, providers, abroad, behindRecipient, sending]

  static let lines: [Line] = texts.flatMap { text in
    text.split(separator: "\n").map { line in
      let parts = line.split(separator: "|", maxSplits: 3).map { $0.trimming(" ") }
      return Line(server: parts[0], stage: parts[1], subject: parts[2], reply: parts[3])
    }
  }

  /// What the programs say that people run themselves.
  private static let hosts = #"""
    Postfix | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in local recipient table
    Postfix | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in relay recipient table
    Postfix | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in virtual mailbox table
    Postfix | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in virtual alias table
    Postfix | recipient | recipient | 450 4.1.1 <anna@example.org>: Recipient address rejected: unverified address: host mx.example.org said: 550 user unknown
    Postfix | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: undeliverable address: no such user
    Postfix | recipient | recipient | 501 5.1.3 Bad recipient address syntax
    Postfix | recipient | recipient | 504 5.5.2 <anna@>: Recipient address rejected: need fully-qualified address
    Postfix | recipient | recipient | 550 5.1.2 <anna@example.invalid>: Recipient address rejected: Domain not found
    Postfix | recipient | recipient | 556 5.1.10 <anna@example.org>: Recipient address rejected: Domain example.org does not accept mail (nullMX)
    Postfix | recipient | recipient | 552 5.2.2 <anna@example.org>: Recipient address rejected: Quota exceeded (mailbox for user is full)
    Postfix | recipient | recipient | 550 5.1.6 <anna@example.org>: Recipient address rejected: User has moved to anna@example.net
    Postfix | recipient | relaying | 554 5.7.1 <anna@example.org>: Relay access denied
    Postfix | recipient | relaying | 454 4.7.1 <anna@example.org>: Relay access denied
    Postfix | recipient | relaying | 554 5.7.1 <anna@example.org>: Recipient address rejected: Access denied
    Postfix | recipient | hello | 504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname
    Postfix | recipient | hello | 550 5.7.1 <vm>: Helo command rejected: Host not found
    Postfix | recipient | hello | 450 4.7.1 <vm.example.net>: Helo command rejected: Host not found
    Postfix | recipient | hello | 501 5.5.2 <localhost>: Helo command rejected: Invalid name
    Postfix | recipient | hello | 450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]
    Postfix | recipient | hello | 450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.7]
    Postfix | recipient | sender | 550 5.1.8 <no-reply@example.invalid>: Sender address rejected: Domain not found
    Postfix | recipient | sender | 450 4.1.8 <no-reply@example.invalid>: Sender address rejected: Domain not found
    Postfix | recipient | sender | 553 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: not owned by user mailer
    Postfix | recipient | sender | 553 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: not logged in
    Postfix | recipient | sender | 504 5.5.2 <no-reply>: Sender address rejected: need fully-qualified address
    Postfix | recipient | sender | 550 5.1.0 <no-reply@fabrikam.example>: Sender address rejected: User unknown in virtual mailbox table
    Postfix | recipient | sender | 550 5.1.7 <no-reply@fabrikam.example>: Sender address rejected: undeliverable address
    Postfix | recipient | sender | 554 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: Access denied
    Postfix | recipient | reputation | 554 5.7.1 <vm.example.net[192.0.2.7]>: Client host rejected: Access denied
    Postfix | recipient | reputation | 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using list.example.net; see https://list.example.net/192.0.2.7
    Postfix | recipient | reputation | 554 5.7.1 Service unavailable; Sender address [no-reply@fabrikam.example] blocked using dbl.spamhaus.org
    Postfix | recipient | greylisting | 450 4.2.0 <anna@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example.org/help
    Postfix | recipient | load | 450 4.7.1 Error: too much mail from 192.0.2.7
    Postfix | mail | load | 452 4.3.1 Insufficient system storage
    Postfix | connect | load | 421 4.7.0 mx.example.org Error: too many connections from 192.0.2.7
    Postfix | recipient | load | 452 4.5.3 Error: too many recipients
    Postfix | mail | account | 530 5.7.0 Must issue a STARTTLS command first
    Postfix | mail | account | 530 5.7.0 Authentication required
    Postfix | mail | message | 552 5.3.4 Message size exceeds fixed limit
    Postfix | final | message | 552 5.3.4 Error: message file too big
    Postfix | final | message | 550 5.6.0 Message contains a bare <LF> character
    Postfix | final | reputation | 550 5.7.1 Message content rejected: id=4F2A1B3C9D: unwanted
    Postfix | data | sequence | 503 5.5.1 Error: need RCPT command
    Postfix | data | sequence | 554 5.5.1 Error: no valid recipients
    Postfix | mail | sequence | 503 5.5.0 <no-reply@fabrikam.example>: Sender address rejected: Improper use of SMTP command pipelining
    Postfix | mail | sequence | 502 5.5.2 Error: command not recognized
    Exim | recipient | recipient | 550 Unrouteable address
    Exim | recipient | recipient | 550 <anna@example.org>: Unknown user
    Exim | recipient | recipient | 550 No such person at this address
    Exim | recipient | recipient | 550 No Such User Here"
    Exim | recipient | recipient | 550 unrouteable mail domain "example.invalid"
    Exim | recipient | recipient | 501 <anna@@example.org>: domain missing or malformed
    Exim | recipient | recipient | 550 Mailbox quota exceeded
    Exim | recipient | recipient | 550 Account anna has been suspended.
    Exim | recipient | relaying | 550 relay not permitted
    Exim | recipient | relaying | 550 Relay not permitted for 192.0.2.7
    Exim | recipient | relaying | 550-Please turn on SMTP Authentication in your mail client. 550-vm.example.net [192.0.2.7]:42 is not permitted to relay 550 through this server without authentication.
    Exim | recipient | sender | 550 Sender verify failed
    Exim | recipient | sender | 550-Verification failed for <no-reply@fabrikam.example> 550-The mail server could not deliver mail to it. The account or domain may not exist 550 Sender verify failed
    Exim | recipient | sender | 550-Callback setup failed while verifying <no-reply@fabrikam.example> 550 Sender verify failed
    Exim | recipient | sender | 550 Could not complete sender verify callout
    Exim | recipient | hello | 550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)
    Exim | recipient | hello | 550 HELO/EHLO hostname invalid
    Exim | recipient | hello | 550 Reverse DNS lookup of 192.0.2.7 failed
    Exim | recipient | hello | 550 "REJECTED - Bad HELO - Host impersonating [mx.example.org]"
    Exim | recipient | reputation | 550-"JunkMail rejected - vm.example.net [192.0.2.7]:40000 is in an RBL, see https://list.example.net"
    Exim | recipient | reputation | 550-rejected because 192.0.2.7 is in a black list at list.example.net 550 see https://list.example.net
    Exim | recipient | reputation | 550 Host vm.example.net [192.0.2.7] is blacklisted
    Exim | recipient | reputation | 550 Administrative prohibition
    Exim | final | reputation | 550 Administrative prohibition
    Exim | final | reputation | 550 This message was classified as SPAM and may not be delivered
    Exim | final | reputation | 550 This message contains a virus (Eicar-Test-Signature).
    Exim | final | reputation | 550 "High probability of spam"
    Exim | final | message | 550 maximum allowed line length is 998 octets, got 2044
    Exim | final | message | 552 Message size exceeds maximum permitted
    Exim | final | message | 550 Missing Date: header
    Exim | recipient | greylisting | 451 Greylisted, please try again in 5 minutes
    Exim | recipient | greylisting | 451 4.7.1 Temporarily rejected. Try again in 300 seconds.
    Exim | recipient | load | 451 Temporary rejection, sorry
    Exim | recipient | load | 451 Temporary local problem - please try later
    Exim | mail | load | 452 space shortage, please try later
    Exim | connect | load | 421 Too many concurrent SMTP connections; please try again later.
    Exim | data | sequence | 503 Valid RCPT command must precede DATA
    Exim | data | sequence | 503-All RCPT commands were rejected with this error: 503 Valid RCPT command must precede DATA
    Exim | final | sequence | 554 SMTP synchronization error
    Exim | recipient | account | 550 authentication required
    Exim | mail | account | 550-Your account has exceeded its daily sending limit 550 of 500 messages
    Exim | recipient | account | 550 Domain fabrikam.example has exceeded the max emails per hour (200/200 (100%)) allowed. Message discarded.
    Exim | recipient | account | 550 Your account is suspended from sending mail. Contact support.
    Sendmail | recipient | recipient | 550 5.1.1 <anna@example.org>... User unknown
    Sendmail | recipient | recipient | 550 5.1.2 <anna@example.invalid>... Host unknown (Name server: host not found)
    Sendmail | recipient | recipient | 553 5.1.3 <anna>... Domain name required
    Sendmail | recipient | recipient | 553 5.3.0 <anna@example.org>... No such user here
    Sendmail | recipient | recipient | 550 5.2.1 <anna@example.org>... Mailbox disabled for this recipient
    Sendmail | recipient | recipient | 551 5.7.1 <anna@example.org>... User has moved; please try <anna@example.net>
    Sendmail | recipient | relaying | 550 5.7.1 <anna@example.org>... Relaying denied
    Sendmail | recipient | relaying | 550 5.7.1 <anna@example.org>... Relaying denied. IP name lookup failed [192.0.2.7]
    Sendmail | recipient | relaying | 550 5.7.1 <anna@example.org>... Relaying denied. Proper authentication required.
    Sendmail | mail | sender | 553 5.1.8 <no-reply@fabrikam.example>... Domain of sender address no-reply@fabrikam.example does not exist
    Sendmail | mail | sender | 451 4.1.8 Domain of sender address no-reply@fabrikam.example does not resolve
    Sendmail | mail | sender | 553 5.5.4 <no-reply>... Domain name required for sender address no-reply
    Sendmail | mail | reputation | 550 5.7.1 Access denied
    Sendmail | mail | reputation | 553 5.3.0 <no-reply@fabrikam.example>... Spam blocked, see https://list.example.net/192.0.2.7
    Sendmail | mail | hello | 550 5.7.1 Fix reverse DNS for 192.0.2.7
    Sendmail | recipient | load | 452 4.4.5 Insufficient disk space; try again later
    Sendmail | mail | load | 452 4.3.2 Connection rate limit exceeded.
    Sendmail | mail | load | 421 4.3.2 Too many open connections.
    Sendmail | final | reputation | 554 5.7.1 Command rejected by content filter
    Sendmail | final | message | 552 5.2.3 Message size exceeds fixed maximum message size (10485760)
    Sendmail | final | message | 552 5.6.0 Headers too large (32768 max)
    Sendmail | data | sequence | 503 5.0.0 Need RCPT (recipient)
    Sendmail | mail | sequence | 503 5.5.0 Sender already specified
    Sendmail | mail | sequence | 503 5.0.0 Polite people say HELO first
    Sendmail | mail | sequence | 500 5.5.1 Command unrecognized: "MAIL"
    qmail | recipient | relaying | 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
    qmail | recipient | relaying | 553 sorry, that domain isn't in my list of allowed rcpthosts; no valid cert for gatewaying (#5.7.1)
    qmail | recipient | recipient | 550 sorry, no mailbox here by that name. (#5.1.1)
    qmail | recipient | recipient | 550 sorry, no mailbox here by that name (#5.1.1 - chkuser)
    qmail | recipient | recipient | 511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
    qmail | recipient | recipient | 522 sorry, recipient mailbox has exceeded its quota (#5.2.2 - chkuser)
    qmail | recipient | recipient | 550 Sorry, I couldn't find any host named example.invalid. (#5.1.2)
    qmail | recipient | recipient | 554 sorry, invalid mailbox for that recipient (#5.1.1)
    qmail | mail | sender | 553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)
    qmail | mail | sender | 553 sorry, your envelope sender domain must exist (#5.7.1)
    qmail | mail | sender | 550 envelope sender not accepted (#5.1.8 - chkuser)
    qmail | final | message | 552 sorry, that message size exceeds my databytes limit (#5.3.4)
    qmail | final | reputation | 554 mail server permanently rejected message (#5.3.0)
    qmail | data | sequence | 503 RCPT first (#5.5.1)
    qmail | mail | load | 451 qq out of memory (#4.3.0)
    qmail | connect | reputation | 553 sorry, your mail server [192.0.2.7] is rejected; see https://list.example.net (#5.7.1)
    qmail | mail | account | 530 authentication required (#5.7.1)
    qmail | recipient | greylisting | 451 GREYLISTED temporarily (#4.3.0)
    netqmail | recipient | load | 452 sorry, too many recipients (#4.5.3)
    Haraka | recipient | relaying | 550 I cannot deliver mail for <anna@example.org>: relaying denied
    Haraka | recipient | recipient | 550 5.1.1 Unknown recipient <anna@example.org>
    Haraka | recipient | recipient | 550 Mail for that user not accepted here: no such mailbox
    Haraka | mail | sender | 550 5.1.8 fabrikam.example: no MX for your FROM address
    Haraka | mail | hello | 550 HELO host must match IP address
    Haraka | connect | reputation | 554 5.7.1 host [192.0.2.7] is listed on list.example.net
    Haraka | recipient | greylisting | 450 4.7.1 Please retry later: greylisted
    Haraka | final | reputation | 550 5.7.1 spam score exceeded threshold
    OpenSMTPD | recipient | recipient | 550 Invalid recipient: <anna@example.org>
    OpenSMTPD | recipient | recipient | 550 5.1.1 Destination address invalid: Invalid recipient
    OpenSMTPD | recipient | recipient | 524 5.2.4 Mailing list expansion problem: <anna@example.org>
    OpenSMTPD | mail | account | 530 5.5.1 Invalid command: Must issue an AUTH command first
    OpenSMTPD | mail | account | 530 5.5.1 Invalid command: Must issue a STARTTLS command first
    OpenSMTPD | recipient | load | 451 4.5.3 Too many recipients: Limit reached
    OpenSMTPD | final | message | 554 5.3.4 Message too big
    OpenSMTPD | final | message | 500 5.0.0 Line too long
    OpenSMTPD | recipient | relaying | 550 5.7.1 <anna@example.org>: relaying is not allowed
    Courier | recipient | recipient | 550 User <anna@example.org> unknown
    Courier | recipient | recipient | 550 User unknown.
    Courier | recipient | recipient | 550 mailbox full, over quota
    Courier | recipient | relaying | 513 Relaying denied.
    Courier | mail | sender | 517 Domain does not exist: your sender fabrikam.example
    Courier | mail | sender | 517-MX records for fabrikam.example violate section 3.3.9 of RFC 1035.
    Courier | mail | hello | 511 Invalid HELO, DNS lookup failed.
    Courier | final | message | 534 Message header size, or recipient list, exceeds policy limit.
    Courier | final | message | 550 5.6.0 This message contains improperly-formatted 8bit MIME data.
    Domino | recipient | recipient | 550 anna@example.org... No such user
    Domino | recipient | recipient | 550 5.1.1 User anna (anna@example.org) not listed in Domino Directory
    Domino | recipient | recipient | 550 Mailbox is full or over its quota
    Domino | recipient | relaying | 554 Relay rejected for policy reasons.
    Domino | mail | reputation | 554 Mail from fabrikam.example rejected for policy reasons.
    Domino | connect | reputation | 554 Connection from 192.0.2.7 rejected for policy reasons. Host found in DNS blacklist at list.example.net
    Domino | mail | account | 530 Authentication required for this server
    Domino | final | message | 552 Message exceeds maximum permitted size
    MDaemon | recipient | recipient | 550 <anna@example.org>, Recipient unknown
    MDaemon | recipient | recipient | 550 Requested action not taken: mailbox unavailable
    MDaemon | recipient | relaying | 550 5.7.1 Sorry, relaying is not permitted from 192.0.2.7
    MDaemon | mail | account | 550 Access to <no-reply@fabrikam.example> requires authentication; your account must log in first
    MDaemon | mail | reputation | 550 5.7.0 Sorry, 192.0.2.7 is on a DNS block list
    MDaemon | recipient | greylisting | 451 Greylisting enabled, please try again in 15 minutes
    MDaemon | final | reputation | 554 Message does not conform to standards: spam score too high
    Zimbra | recipient | sender | 553 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: not owned by user mailer@fabrikam.example
    Zimbra | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: example.org
    Zimbra | recipient | recipient | 452 4.2.2 Over quota
    Zimbra | final | reputation | 554 5.7.0 Reject, id=12345-06 - BANNED: exe
    Zimbra | final | reputation | 554 5.7.0 Reject, id=00812-03 - spam
    Zimbra | recipient | account | 554 5.7.1 <no-reply@fabrikam.example>: policy: daily sending quota of this account is exceeded
    Stalwart | recipient | recipient | 550 5.1.2 Mailbox does not exist.
    Stalwart | recipient | relaying | 550 5.1.2 Relay not allowed.
    Stalwart | mail | sender | 550 5.7.23 SPF validation failed, status: fail
    Stalwart | final | sender | 550 5.7.20 No passing DKIM signatures found.
    Stalwart | mail | account | 503 5.5.1 You must authenticate first.
    Stalwart | mail | sender | 501 5.5.4 You are not allowed to send from this address.
    Stalwart | mail | load | 452 4.4.5 Rate limit exceeded, try again later.
    Maddy | recipient | recipient | 550 5.1.1 User does not exist
    Maddy | mail | sender | 553 5.7.0 Not authorized to use this sender address
    Maddy | mail | account | 502 5.7.0 Please authenticate first.
    Dovecot | recipient | recipient | 550 5.1.1 <anna@example.org> User doesn't exist: anna@example.org
    Dovecot | final | recipient | 552 5.2.2 <anna@example.org> Quota exceeded (mailbox for user is full)
    Dovecot | recipient | account | 530 5.7.0 Authentication required.
    James | recipient | recipient | 550 Requested action not taken: no such user here
    James | recipient | relaying | 550 5.7.1 Requested action not taken: relaying denied
    James | mail | account | 503 5.7.1 Incorrect Authentication for Specified Email Address
    Amavis | final | reputation | 554 5.7.1 id=4321-09 - Rejected, UBE
    Amavis | final | message | 554 5.6.0 Bad header: Non-encoded 8-bit data
    Rspamd | final | reputation | 554 5.7.1 Gtube pattern
    Rspamd | final | greylisting | 451 4.7.1 Try again later (greylist)
    Rspamd | final | load | 451 4.7.1 Ratelimit "to" exceeded
    """#

  /// What the services say that mail is handed to: accounts, plans, senders.
  private static let relays = #"""
    Exchange | recipient | recipient | 550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
    Exchange | recipient | recipient | 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient anna@example.org not found by SMTP address lookup
    Exchange | recipient | recipient | 550 5.4.1 [anna@example.org]: Recipient address rejected: Access denied. AS(201806281) [HE1EUR01FT042.eop-EUR01.prod.protection.example.com]
    Exchange | recipient | recipient | 550 5.4.1 Recipient address rejected: Access denied
    Exchange | recipient | recipient | 550 5.2.1 RESOLVER.ADR.Mailbox disabled; mailbox disabled
    Exchange | final | recipient | 552 5.2.2 STOREDRV.Deliver; mailbox full
    Exchange | recipient | recipient | 550 5.4.310 DNS domain example.invalid does not exist
    Exchange | recipient | recipient | 550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required
    Exchange | final | message | 550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient
    Exchange | mail | message | 552 5.3.4 Message size exceeds fixed maximum message size
    Exchange | recipient | relaying | 550 5.7.1 Unable to relay
    Exchange | recipient | relaying | 550 5.7.1 Unable to relay for anna@example.org
    Exchange | recipient | relaying | 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
    Exchange | recipient | relaying | 550 5.7.64 TenantAttribution; Relay Access Denied SMTP
    Exchange | mail | account | 530 5.7.1 Client was not authenticated
    Exchange | mail | account | 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM
    Exchange | mail | account | 530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, basic authentication is disabled.
    Exchange | mail | account | 550 5.7.30 Basic authentication is not supported for Client Submission.
    Exchange | authentication | account | 535 5.7.3 Authentication unsuccessful
    Exchange | authentication | account | 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.
    Exchange | mail | sender | 550 5.7.60 SMTP; Client does not have permissions to send as this sender
    Exchange | final | sender | 554 5.2.252 SendAsDenied; mailer@fabrikam.example not allowed to send as no-reply@fabrikam.example; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied
    Exchange | mail | sender | 501 5.1.7 Invalid address
    Exchange | mail | sender | 550 5.1.8 Access denied, bad outbound sender
    Exchange | mail | sender | 550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains.
    Exchange | final | sender | 550 5.7.509 Access denied, sending domain fabrikam.example does not pass DMARC verification
    Exchange | final | sender | 550 5.7.515 Access denied, sending domain fabrikam.example doesn't meet the required authentication level.
    Exchange | mail | account | 550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.
    Exchange | mail | account | 550 5.7.705 Access denied, tenant has exceeded threshold.
    Exchange | mail | account | 550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients
    Exchange | recipient | account | 554 5.2.0 STOREDRV.Submission; the account has exceeded its daily sending limit: SubmissionQuotaExceededException
    Exchange | mail | load | 421 4.3.2 Service not available
    Exchange | mail | load | 452 4.3.1 Insufficient system resources
    Exchange | mail | load | 421 4.4.2 Message submission rate for this client has exceeded the configured limit
    Exchange | mail | load | 432 4.3.2 Concurrent connections limit exceeded. Visit https://example.com/throttling for more information.
    Exchange | connect | load | 421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel
    Exchange | mail | load | 451 4.7.500 Server busy. Please try again later from [192.0.2.7]. (AS77712)
    Exchange | recipient | load | 452 4.5.3 Too many recipients
    Exchange | final | message | 550 5.6.0 CAT.InvalidContent.Exception: DataSourceOperationException; cannot handle content of message
    Exchange | final | message | 554 5.6.1 Messages with invalid characters in a header
    Exchange | data | sequence | 503 5.5.2 Need rcpt command
    Exchange | mail | sequence | 503 5.5.2 Sender already specified
    Exchange | recipient | reputation | 550 5.7.1 Recipient not authorized, your IP has been found on a block list
    Exchange | recipient | reputation | 550 5.7.1 Message rejected as spam by Content Filtering.
    Exchange | recipient | reputation | 550 5.7.606 Access denied, banned sending IP [192.0.2.7]. To request removal from this list please visit https://sender.example.com/
    Exchange | recipient | reputation | 550 5.7.511 Access denied, banned sender[192.0.2.7].
    Exchange | recipient | reputation | 550 5.7.501 Access denied, spam abuse detected.
    Exchange | recipient | relaying | 550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched the message's recipient domain.
    Exchange | recipient | relaying | 550 5.7.68 TenantInboundAttribution; does not match any connector
    Gmail relay | mail | account | 530-5.7.0 Authentication Required. For more information, go to https://support.example.com/mail/?p=WantAuthError
    Gmail relay | mail | account | 530 5.7.0 Must issue a STARTTLS command first. p=1 - gsmtp
    Gmail relay | authentication | account | 534-5.7.9 Application-specific password required.
    Gmail relay | authentication | account | 535-5.7.8 Username and Password not accepted.
    Gmail relay | mail | account | 550 5.4.5 Daily user sending limit exceeded.
    Gmail relay | mail | account | 550-5.4.5 Daily SMTP relay limit exceeded for customer.
    Gmail relay | mail | relaying | 550-5.7.1 Invalid credentials for relay [192.0.2.7]. The IP address you've registered in your SMTP relay service doesn't match the domain of the account
    Gmail relay | recipient | relaying | 550-5.7.0 Mail relay denied [192.0.2.7]. Invalid credentials for relay
    Gmail relay | mail | load | 421 4.7.0 Try again later, closing connection. (MAIL)
    Gmail relay | mail | load | 421-4.7.28 Gmail has detected an unusual rate of mail from your IP address
    Gmail relay | recipient | load | 450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.
    Gmail relay | recipient | load | 452 4.5.3 Your message has too many recipients.
    SES | final | sender | 554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: no-reply@fabrikam.example
    SES | mail | sender | 501 Invalid MAIL FROM address provided
    SES | final | account | 554 Access denied: User `arn:aws:iam::123456789012:user/mailer' is not authorized to perform `ses:SendRawEmail' on resource
    SES | final | account | 554 Message rejected: Sending suspended for this account. For more information, please check the inbox of the email address
    SES | mail | account | 454 Throttling failure: Daily message quota exceeded.
    SES | mail | load | 454 Throttling failure: Maximum sending rate exceeded.
    SES | authentication | account | 535 Authentication Credentials Invalid
    SES | mail | account | 530 Must issue a STARTTLS command first
    SES | mail | account | 530 Authentication required
    SES | final | message | 552 Message is too long.
    SES | connect | load | 421 Too many concurrent SMTP connections
    SES | mail | load | 451 Timeout waiting for data from client.
    SES | final | reputation | 554 Transaction failed: Message content was detected as a virus
    SES | final | message | 554 Transaction failed: Missing final header end; malformed header
    SendGrid | mail | sender | 550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.
    SendGrid | authentication | account | 535 Authentication failed: The provided authorization grant is invalid, expired, or revoked
    SendGrid | mail | account | 550 Unauthenticated senders not allowed
    SendGrid | mail | account | 451 Authentication failed: Maximum credits exceeded
    SendGrid | mail | load | 451 You have exceeded your messaging limits
    SendGrid | final | recipient | 550 Bounced Address
    SendGrid | recipient | recipient | 550 Unsubscribed Address: this recipient is on the suppression list
    SendGrid | recipient | load | 452 Too many recipients received this hour
    Mailgun | mail | account | 550 5.7.1 Domain sandbox.example is not allowed to send: Free accounts are for test purposes only. Please upgrade
    Mailgun | recipient | account | 421 Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients
    Mailgun | mail | account | 550 5.7.1 Your account is disabled. Contact support
    Mailgun | authentication | account | 535 5.7.0 Mailgun is not loving your login or password
    Mailgun | mail | load | 420 Domain fabrikam.example is not allowed to send: recipient limit exceeded, too many messages
    Mailgun | final | recipient | 550 Not delivering to previously bounced address: suppressed
    Postmark | mail | sender | 550 5.7.1 The 'From' address you supplied is not a Sender Signature on your account.
    Postmark | recipient | recipient | 550 5.7.1 You tried to send to a recipient that has been marked as inactive. Found inactive addresses
    Postmark | mail | account | 550 5.7.1 Your account is pending approval; recipients must share the sender's domain
    Mailjet | mail | sender | 550 5.7.1 Sender address no-reply@fabrikam.example is not validated for this account, not allowed to send
    Mailjet | mail | account | 550 5.7.1 Your account has been temporarily blocked
    Brevo | mail | account | 525 5.7.1 Unauthorized sender: no-reply@fabrikam.example is not valid. Validate your sender
    Brevo | mail | account | 525 5.7.1 Unauthorized IP address. Log in to your account to add it
    Brevo | mail | account | 502 5.7.0 Your SMTP account is not yet activated
    SparkPost | mail | sender | 550 5.7.1 Unconfigured Sending Domain <fabrikam.example>
    SparkPost | mail | account | 550 5.2.1 [internal] exceeded sending limit (daily); account over its daily limit
    SparkPost | recipient | recipient | 550 5.7.1 recipient address was suppressed due to system policy
    SMTP2GO | mail | sender | 550 that sender domain is not verified. Verify it in your dashboard
    SMTP2GO | mail | account | 550 Your monthly email quota has been reached; upgrade your plan
    SMTP2GO | authentication | account | 535 Incorrect authentication data
    Elastic | mail | account | 550 5.7.1 Sending of emails is disabled on this account
    Mandrill | mail | sender | 550 5.7.1 The sender's domain is unsigned or not verified
    Mandrill | final | recipient | 550 5.1.1 rejected: hard-bounce, address does not exist
    Zoho | mail | sender | 553 Sender is not allowed to relay emails
    Zoho | mail | relaying | 553 Relaying disallowed as no-reply@fabrikam.example
    Zoho | final | account | 550 5.4.6 Unusual sending activity detected. Please try after sometime: your account is blocked
    Zoho | authentication | account | 535 Authentication Failed
    Zoho | recipient | recipient | 550 5.1.1 User does not exist - <anna@example.org>
    Fastmail | mail | sender | 551 5.7.1 Not authorised to send from this header address
    Fastmail | mail | account | 530 5.7.1 Authentication required
    Fastmail | recipient | account | 550 5.7.1 Sending limit for your account exceeded
    Proton | mail | sender | 554 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: you are not allowed to send as this address
    iCloud relay | mail | sender | 550 5.7.0 From address is not one of your addresses
    Rackspace | mail | sender | 550 5.7.1 Sender not authorized to send as no-reply@fabrikam.example
    Rackspace | recipient | account | 552 5.7.1 Outbound message limit reached for this mailbox: too many messages sent per day
    GoDaddy | mail | account | 550 User mailer@fabrikam.example has exceeded its 24-hour sending limit. Messages to 250 recipients out of 250 allowed have been sent.
    GoDaddy | recipient | account | 535 mailer@fabrikam.example not allowed, attack detected
    cPanel | recipient | account | 550-Domain fabrikam.example has exceeded the max defers and failures per hour (5/5 (100%)) 550 allowed. Message discarded.
    Plesk | recipient | account | 550 5.7.1 The limit on the number of outgoing messages per hour is exceeded for mailbox mailer@fabrikam.example: sending quota
    Titan | mail | sender | 553 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: not owned by user mailer@fabrikam.example
    Namecheap | mail | sender | 553 5.7.1 <no-reply@fabrikam.example>: Sender address rejected: not owned by user
    Hostinger | recipient | account | 451 4.7.1 <no-reply@fabrikam.example>: Ratelimit: hostinger_out_ratelimit; daily limit of your plan
    """#
}

extension StringProtocol {
  /// Without these characters at either end.
  fileprivate func trimming(_ characters: String) -> String {
    var rest = self[...]
    while let first = rest.first, characters.contains(first) { rest = rest.dropFirst() }
    while let last = rest.last, characters.contains(last) { rest = rest.dropLast() }
    return String(rest)
  }
}
