// Words of refusals; how they are written stands at `RefusalVocabulary`.

extension RefusalVocabulary {
  /// What refusals give as their reason, which needs no thing beside it.
  static let reasons: [([Meaning], String)] = [
    (
      [.listed],
      """
      blacklist, black list, blackhole, blacklisted, blocklist, block list, blocked list, denylist, deny
      list, rejectlist, reject list, dnsbl, dnsrbl, dns black, rbl., rbls., rbl, real time block, realtime
      block, surbl, uribl, drbl, ubl., xbl., sbl., pbl., cbl., dbl., hbl., zbl., spamhaus, sorbs, spamcop,
      uceprotect, invaluement, hostkarma, spamrats, abuseat, psbl., mailspike, senderscore, sender score,
      spamlist, spammer list, spam list, barracuda reputation, barracudacentral, proofpoint dynamic,
      cloudmark, njabl, ordb., mail abuse, junkemailfilter, reputation, bad ip, ip profile, listed in,
      listed at, listed on, listed by, listed as, is listed, are listed, was listed, ip listed, # listed,
      been listed, found in &, found on one, found in dns, delist, unblock request, blocked using, rejected
      using, refused using, block for spam, blocked for spam, blocked for abuse, blocked by &, on our block,
      banned sending, banned sender, banned ip, banned, bad sender, bl., ip blocked, ip is blocked, ip was
      blocked, ip ~ blocked, ip ~ banned, blacklista, blacklistis, liste noire, listes noires, lista negra,
      listas negras, schwarze liste, schwarzen liste, sperrliste, czarnej list, czarna list, cernem seznam,
      cerne listin, cernou listin, svartlist, svart list, svarta list, lista nera, zwarte lijst, sending
      spam, you are sending spam, spam source, spamming, spammer, spamtrap, spam trap, block abuse, poor
      email, low reputation, bad reputation, # blocked, # is blocked, # has been blocked, # was blocked, #
      rejected, # is rejected, # found, # is on, # is in, access from ip, blocked ip, is_blocked,
      _is_blocked, abus detect, abuse detect
      """
    ),
    (
      [.judged],
      """
      not accept mail from, not accepting mail from, not accepting mails from, not accept ~ from #, spam,
      junk, ube., uce., virus, malware, trojan, phish, unsolicited, bulk, abuse, abusive, suspicious,
      suspect, content, policy, policies, securit, administrative, threat, infected, infection, dynamic,
      dial up, dialup, residential, open proxy, proxy, open relay, open mail, botnet, bots, compromised,
      complaint, geo., geoip, geograph, country, countries, region, not welcome, go away, unwanted,
      intrusion, attachment, dangerous, firewall, filter, heuristic, scored, score, profil, trust, junkmail,
      fraud, scam, blocked., envelope blocked, banned, unexpected volume, dns loop, richtlinie, politique,
      politica, polityk, zasad, obsah, inhalt, zawartosc, contenu, contenido, conteudo, policyn, innehall,
      indesirable, non sollicit, not solicit, mail exchanger, isp., zombie, zombied, tarpit, honeypot,
      postmaster for assistance, local configuration, message refused, message rejected, message was
      rejected, message blocked, mail refused by, spf_fail, batv, backscatter, smtp server of your isp,
      antispam, anti spam, accepting mail from, accept mail from, accept mails from, accept email from,
      accept messages from, accepting messages from, from your, permanently deferred, werent sent, were not
      sent, system has detected, mass mail, whitelist, white list, allowlist, allow list, allowed list, safe
      list, safelist, challenge, mail exchangers, not solicited, hard bounces, signature, signatur, url,
      links
      """
    ),
    (
      [.greylisting],
      """
      greylist, graylist, grey list, gray list, greylisted, postgrey, greyed, delayed acceptance, policyd
      weight
      """
    ),
    (
      [.soon],
      """
      first time, come back, retry in *, try again in *, try again after *, retry after, wait * minutes,
      wait * seconds, wait * before, not yet, too early, in a few minutes, in some minutes
      """
    ),
    (
      [.disorder],
      """
      bad sequence, out of sequence, out of order, wrong sequence, need mail, need rcpt, no valid
      recipients, command unrecogni, unrecogni command, unrecogni smtp, unknown command, unknown smtp
      command, invalid command, command not, command unknown, command not recogni, not implemented, polite
      people, nested mail, sender already, sender already specified, mail first, rcpt first, send mail
      first, helo first, ehlo first, send helo, send hello first, say hello first, valid rcpt, must precede
      data, transaction already, no mail transaction, unexpected command, protocol synchroni, synchroni
      error, improper command, pipelining, premature, protocol violation, protocol error
      """
    ),
    (
      [.oversize],
      """
      message size, mail. size, size limit, size exceed, exceed ~ size, exceeds ~ size, exceeded ~ size, max
      size, maximum size, maximum message size, max message size, too large, too big, message too long, too
      long message, larger than, bytes exceed, size of message, size of your message, message exceeds,
      message is too long, message length, zu gros, trop gros, trop grand, trop volumineux, demasiado
      grande, muito grande, zbyt duz, zbyt wielk, prilis velk, for stor, troppo grand, te groot, taille
      limite, header size, headers too large, recipsizelimit, message file too big
      """
    ),
    (
      [.malformed],
      """
      line length, line limit, line too long, lines longer, line is too long, lines too long, long lines,
      line length limit, longer than 998, bare lf, bare cr, bare linefeed, bare line feed, bare newline,
      bare carriage, stray newline, stray lf, lone lf, lone cr, 8bit, 8 bit, eight bit, 7bit, smtputf8,
      utf8smtp, rfc 5322, rfc5322, 5322 complian, 5322 violat, rfc 2822, rfc2822, 2822 complian, rfc 822,
      rfc822, header missing, header is missing, headers are missing, missing header, missing * header,
      missing ~ header, multiple ~ header, duplicate header, duplicate ~ header, header duplicat, header
      syntax, header error, header line, headers malformed, malformed header, malformed ~ header, invalid
      header, invalid ~ header, bad header, bad ~ header, header is not, header malformed, malformed
      message, malformed mail, malformed mime, invalid mime, bad mime, mime error, broken mime, mime
      structure, mime part, mime nesting, nul byte, null byte, nul character, binarymime, received headers,
      missing from header, missing date, missing message id, message id header, date header, non ascii,
      control character, invalid character, charset, invalid content, invalidcontent, improper use of, not
      rfc, rfc compliant, header from: missing, no from header, from header is, headers found
      """
    ),
    (
      [.crowd],
      """
      too many, threshold, frequency, thread limit, rate that, exceeded permitted, permitted limits,
      exceeded their limit, mail loop, loop detected, routing loop, hop count, hops exceeded, message loop,
      loops back, too much mail, too much traffic, too fast, too quick, too frequent, too often, rate limit,
      ratelimit, rate is limited, rate exceed, rate control, limit rate, throttl, overload, slow down,
      slower, new connection, another connection, fresh connection, different connection, reconnect, maximum
      number of, max number of, maximum connections, max connections, maximum messages, max messages,
      message limit per, limit per connection, messages per connection, messages per session, per session,
      per connection, concurrent, simultaneous, concurrency, load average, high load, mail flood, unusual
      rate, a rate that, unusual volume, connection limit, connections limit, session limit, message count,
      message limit, recipient limit, recipients limit, trop de, trop envois, trop ~ envois, zu viele,
      zuviele, demasiad, zbyt wiele, zbyt duzo, prilis mnoho, for manga, muitas, troppi, troppe, te veel,
      liian monta, connection rate, message rate, mail rate, sending rate, rate of, excessive, exceeded the
      number, volume of, deferred due, exceeded your
      """
    ),
    (
      [.busy],
      """
      busy, resources, config error, configuration error, configuration is, misconfigur, incorrectly
      configured, unable to process, cannot process, encountered an error, interrupted, at this time,
      transaction failed, action aborted, insufficient system, insufficient storage, insufficient disk,
      system storage, out of memory, out of disk, memory, disk space, disk full, disk is full, capacity,
      temporar, timeout, timed out, not accepting connections, not accepting messages, not accepting mail,
      not accepting network, no connections, shutting down, going down, maintenance, starting up, service
      not available, service unavailable, service currently, local error, internal error, server error,
      queue file, system error, limit exceeded, limit reached, exceeded limit, lookup failure, lookup failed
      """
    ),
    (
      [.sendingQuota],
      """
      daily ~ quota, daily ~ limit, daily ~ sending, hourly ~ quota, hourly ~ limit, monthly ~ quota,
      monthly ~ limit, weekly ~ limit, sending limit, sending quota, send limit, send quota, outbound limit,
      outgoing limit, outbound quota, outgoing quota, quota for sending, limit for sending, sender quota,
      senders quota, session quota, connection quota, submission quota, submission limit, submissionquota,
      message quota, message count quota, messages quota, email quota, mail quota of, relay quota, relaying
      quota, account quota, quota of your, quota of domain, quota for domain, quota for this account, smtp
      quota, smtp limit, credits, insufficient ~ credit, insufficient ~ balance, insufficient ~ funds,
      insufficient funds, not enough credit, no credit, no more credit, out of credit, ran out of credit,
      credit balance, credit limit, account balance, balance., funds., prepaid, overdue, invoice, free plan,
      paid plan, paid account, paid subscription, requires a plan, no active plan, no active subscription,
      subscription required, subscription is required, tenant has exceeded, tenant exceeded, free account,
      please upgrade, pending approval, not activated, not yet activated, under review, pending review,
      sending suspended, sending paused, sending disabled, sending blocked, sending is, sending of ~
      disabled, sending * disabled, sending privileg, sending rights, plan limit, upgrade ~ plan, upgrade
      your, trial, sandbox, billing, payment, unpaid, per day, per hour, per month, in 24 hours, sending
      capabilit, forfait, facture, impaye, credit insuffisant, solde insuffisant, tageslimit, versandlimit,
      versandkontingent, versandsperre, sendelimit, sendekontingent, mailkontingent, kontingent, guthaben,
      rechnung, zahlung, pro stunde, pro tag, pro monat, par heure, par jour, par mois, limite diario,
      limite diaria, saldo, creditos, por hora, por dia, por mes, dzienny limit, limit dzienny, dziennie, na
      godzine, na dobe, nieoplac, platnos, denni limit, hodinovy limit, za hodinu, za den, zaplacen, kredit,
      neuhrazen, faktur, dagsgrans, dygnsgrans, timgrans, sandgrans, per timme, per dygn, per dag, obetald,
      limite giornaliero, giornalier, allora, al giorno, credito, fattura, pagamento
      """
    ),
    (
      [.authentication],
      """
      authentic, unauthenticated senders not, auth., smtp auth, smtpauth, unauthentic, login, log in, logon,
      logged in, sign in, password, credential, starttls, cipher, tls., ssl., encrypt, anonymous, app
      password, application specific, basic auth, oauth, token, bearer, pop before, check your mail first,
      anmeld, angemeldet, melden sie sich, authentifi, autentic, autentific, uwierzytelni, autoryzac,
      autentiz, overeni, autentis, autentiser, inloggning, hasl, heslo, hesla, losenord, passwort, kennwort,
      mot de passe, contrasena, senha
      """
    ),
    (
      [.proof],
      """
      spf, dkim, dmarc, sender policy framework, domainkeys, sender id, purported responsible, arc., domain
      keys, spoof, unauthenticated sender, unauthenticated email, unauthenticated mail, sender is
      unauthenticated
      """
    ),
    (
      [.cannotRelay],
      """
      use. this relay, use. ~ relay, unable to relay, invalid credentials for relay, credentials for relay,
      cannot relay, cant relay, not relay, not * relay, dont relay, wont relay, no relay, never relay, not
      configured to relay, dont handle mail, not handle mail, dont accept mail for, relay access, relay not,
      relaying not, relay is not, relay denied, relaying denied, relay prohibited, relay attempt, open relay
      is, rcpthosts, relay lookup, allowed to relay, permitted to relay, authorized to relay, relayed, not
      accept mail for, not accept ~ for domain, dont accept ~ for domain, not handle mail for, not a local
      domain, no local domain, not a local or relay, not local or relay, non accepted domain, not accepted
      domain, domain not hosted, domain not served, domain not local, domain isnt, domain is not hosted,
      domain is not local, not one of our domain, not one of my domain, not a gateway, not permitted from
      this network, send through this server, through this server, via this server, use. this server, use.
      this mail, use. our server, use. my server, this server to send, not a customer of, kein relay, relais
      non, relais refus, relay nicht, odmowa relay, relay zabron, relayaccess, gatewaying
      """
    ),
    (
      [.badName],
      """
      need fully qualified host, need fully qualified domain, need fqdn, fully qualified host, fully
      qualified domain name, valid fqdn, fqdn, helo, ehlo, hello command, hello name, reverse dns, reverse
      lookup, reverse host, reverse mapping, reverse record, reverse ip, rdns, ptr., ptr record, your
      hostname, your host name, your reverse, your dns, your rdns, forward confirmed, fcrdns, forward dns,
      ip name, name lookup failed, ip name possibly forged, possibly forged, no dns entry, no dns record for
      your, generic hostname, generic host, generic reverse, generic ptr, generic rdns, resolve your,
      invalid hostname, bad hostname, missing hostname, hostname lookup, host name lookup, dns check, dns
      name for your, invalid domain name, name was rejected, confirm this mail server, no reverse, missing
      reverse, unresolvable, fully qualified, in addr arpa, name server lookup, nameserver query
      """
    ),
    (
      [.notOurSender],
      """
      unable to send from, cannot send from, cant send from, not send from, send from this domain, send from
      this address, send from that, send from your, may not use, nicht senden, nicht versenden, envoyer
      depuis, envoyer avec, envoyer a partir, enviar desde, inviare da, skicka fran, skicka som, nelze
      odesil, odesilat z., wysylac z., wysylki z., niezgodn, not owned, isnt owned, send as., send as,
      sendas, sendasdenied, send on behalf, sending on behalf, not verified, isnt verified, arent verified,
      not been verified, hasnt been verified, unverified sender, unverified domain, verify your, must be
      verified, verified sender, not allowed to send, not permitted to send, not authorized to send, not
      authorised to send, not allowed as, not allowed to use, not permitted to use, not authorized to use,
      cannot send as, cant send as, not match auth, must match, does not match, doesnt match, sender verify,
      sender verification, verify sender, callout verification, callback setup, sender domain, sending
      domain, domain of sender, sender mismatch, mismatch, not a registered gateway, different address,
      unrouteable sender, unroutable sender, bogus mail, badmailfrom, sender signature, sender identit, not
      one of your, unconfigured sending, unsigned dsn, null sender, empty envelope, empty sender,
      nullsender, sender not, sender unknown, unknown sender, sender invalid, invalid sender, bad sender
      address, sender denied, sender rejected, sender refused, from domain, sender not pre approved, non pre
      approved, sender address rejected, sender address not, not allowed from this, absender nicht,
      expediteur invalide, emetteur invalide, nadawca nie, uprawnien, permissions to send
      """
    ),
    (
      [.restrictedRecipient],
      """
      bounced address, resolver rst, resolver adr, suppression list, suppressed, suppress list,
      unsubscribed, recipient list, senders to accept, mailing list is, distribution list, group only
      accepts, only accepts messages from
      """
    ),
  ]
}
