// Words of refusals; how they are written stands at `RefusalVocabulary`.

extension RefusalVocabulary {
  /// What refusals say of a thing.
  static let verdicts: [([Meaning], String)] = [
    (
      [.absent],
      """
      unknown, not found, not be found, cannot be found, couldnt be found, cant be found, could not find,
      not exist, not * exist, doesnt exist, doesnt * exist, dont exist, didnt exist, never existed, no such,
      nonexist, non exist, inexist, invalid, undeliverable, unrouteable, unroutable, no longer, not valid,
      not * valid, isnt * valid, isnt valid, not known, not * known, isnt known, not a known, not our, not
      local, not listed, not a local, not in * directory, not in directory, doesnt have, not have a, hasnt,
      not recogni, isnt recogni, unrecogni, misspell, mistyped, incorrect, malformed address, illegal, has
      moved, was moved, has left, not in use, not registered, unregistered, not handled here, removed,
      deleted, not a user, isnt a, not exists, not hosting, bad syntax, syntax error, no mx, null mx,
      nullmx, unused, wrong, not present, syntactically, unassigned, no valid, not deliverable, unable to
      verify, cannot verify, verification failed, not accept external, does not receive, not receive, does
      not receive mail, nosuchuser, not a recipient, not * being accepted, not being accepted, unable to
      find, cannot find, couldnt find, cant find, errato, errata, unbekannt, existiert nicht, nicht
      existier, nicht gefunden, nicht vorhanden, nicht bekannt, gibt es nicht, ungultig, ungueltig, nicht
      mehr, inconnu, existe pas, existe plus, introuvable, invalide, desconocid, desconhecid, no existe, no
      encontrad, nao existe, nao encontrad, inval, nieznan, nie istnieje, nie znalezion, nieprawidlow, nie
      ma tak, nie ma, neznam, neexistuj, neplatn, nenalezen, okand, finns inte, finns ej, existerar inte,
      existerar ej, ogiltig, hittades inte, sconosciut, inesistent, non esiste, non trovat, niet gevonden,
      onbekend, bestaat niet, ei ole, tuntematon, ismeretlen, nem letezik, bilinmeyen, bulunamadi
      """
    ),
    (
      [.absent, .closed],
      """
      disabled, deactivat, inactiv, not active, not currently active, suspended, discontinued, closed.,
      expired, expirad, terminated, locked, frozen, dormant, deaktiviert, desactiv, deshabilitad,
      inaktiverad, nieaktywn, disattivat, disatttivat, suspendu, suspendid, suspens, pozastav, zawiesz,
      avstang, stangts, sospes, opgeschort
      """
    ),
    (
      [.person, .absent],
      """
      mailbox ~ blocked, due to inactivity, no one with, no longer an employee, no longer a, no longer
      employed, no such user, no such address, no such mailbox, no such account, no such person, no such
      alias, no such local, no such email, no mailbox, no mail box, no user, no account, no recipient by, no
      one here, nobody here, nosuchuser, unknown user, unknown address, unknown mailbox, unknown local,
      unknown account, unknown alias, unknown addressee, unknown email, user unknown, user not found,
      userunknown, usernotfound, mailboxnotfound, bad address, bad destination, invalid mailbox, invalid
      user, invalid address, invalid destination, not a valid mailbox, not a valid user, not our user, not
      our customer, not a mailbox, user not local, user doesnt, aucun utilisateur, kein solcher, kein
      benutzer, kein postfach, brak takiego, zadna schranka, ingen sadan, ingen anvandare, mailbox not
      found, mailbox not available, mailbox disabled, address unknown, address not found, email address
      could not, email address not found, address does not exist, not on this server, not hosted here, isnt
      hosted here, no longer on server, no longer on this server, doesnt live here, unrouteable address,
      unroutable address, not a known user, unknown or illegal, not listed in domino, not listed in public,
      null mx, domain does not accept mail, does not accept mail nullmx
      """
    ),
    (
      [.account, .absent, .closed],
      "account is blocked, user is blocked, account inactive, account disabled"
    ),
    (
      [.mailbox, .absent],
      """
      no such recipient, unknown recipient, bad recipient, invalid recipient, not a valid recipient,
      recipient unknown, recipient not found, recipnotfound, recipientnotfound
      """
    ),
    (
      [.unavailable, .mailbox],
      """
      mailbox unavailable, mailbox is unavailable, mailbox temporarily unavailable, mailbox currently
      unavailable, mailbox busy, mailbox name not allowed, boite indisponible, postfach nicht verfugbar,
      mailbox is not available
      """
    ),
    (
      [.full],
      """
      full., mailbox size, mailbox has exceeded, mailbox exceeded, mailbox is over, mailbox ~ over, user has
      exceeded, recipient has exceeded, recipient is over, recipient over, user has too many, benutzer hat
      zuviele, mailbox exceeds, mailbox ~ exceeds, exhausted, allowed storage, storage space, mailboxfull,
      storage allocation, allocated storage, storage limit, enough space, enough storage, not enough room,
      exceeded storage, out of storage, exceeded * storage, space left, voll., uberfullt, ueberfuellt,
      pleine, pleins, plein., saturee, llen, pieno, piena, pelna, pelne, przepelnion, preplnen, plna.,
      plny, full inkorg, vol.
      """
    ),
    (
      [.quota],
      """
      exceeded its, over quota, overquota, quota exceeded, quota exceeds, quota full, exceeded * quota,
      exceeds * quota, exceed * quota, exceeded quota, over the quota, over * quota, out of quota, quota,
      disk quota, depasse
      """
    ),
    (
      [.limit],
      """
      limit, exceed, reached, maxim, disabled., not enabled, erreicht, uberschritten, ueberschritten,
      erschopft, maximal, deaktivier, depass, atteint, desactiv, przekrocz, wyczerpan, wylaczon, prekroc,
      vycerpan, vypnut, grans, maxgrans, uppnad, overskrid, inaktiver, superad, excedid, alcanzad,
      ultrapassad, atingid, superat, raggiunt, esaurit, suspend, suspens, sospes, zawiesz, pozastav,
      avstangd
      """
    ),
    (
      [.denial],
      """
      reject, refus, denied, deny., denies, denying, declin, disallow, forbid, prohibit, block, not allow,
      arent allow, isnt allow, not * allow, dont allow, not permit, isnt permit, arent permit, not * permit,
      unpermitted, not accept, not * accept, dont accept, isnt accept, wont accept, doesnt accept, cannot
      accept, unaccept, not authori, not * authori, unauthori, isnt authori, not be accept, not willing,
      unable to accept, not deliver, discard, restrict, abgelehnt, abgewiesen, verweigert, gesperrt,
      blockiert, nicht erlaubt, nicht zugelassen, nicht akzeptiert, nicht angenommen, nicht berechtigt,
      refuse, rejete, interdit, bloque, non autoris, pas autoris, rechaz, rejeitad, recusad, denegad,
      negado, bloquead, no permitid, no autorizad, nao permitid, odrzucon, zablokowan, niedozwolon, nie
      dozwolon, odmow, odmitnut, zamitnut, zablokovan, nepovolen, zakazan, avvisad, nekad, sparr,
      blockerad, ej tillat, inte tillat, rifiutat, negato, bloccat, geweigerd, geblokkeerd, estetty, may
      not, no permission, not have permission, dont have permission, doesnt have permission, cannot send,
      cant send, disconnected, dropped
      """
    ),
    (
      [.ownAccount, .denial],
      """
      not authorized to perform, not subscribed to, account has been suspended for sending, smtp service is
      suspended, smtp is disabled, account may not send,
      account cannot send, account cant send
      """
    ),
    ([.access], "access denied, access is denied, access refused, permission denied"),
  ]
}
