// Words of refusals; how they are written stands at `RefusalVocabulary`.

extension RefusalVocabulary {
  /// What refusals speak of.
  static let things: [([Meaning], String)] = [
    (
      [.mailbox],
      """
      recipient, recip., rcpt, addressee, mailbox, mail box, inbox, alias, local part, localpart, maildrop,
      mail drop, destination address, destination mailbox, destination user, to address, destinat,
      empfanger, empfaenger, adressat, adressee, postfach, odbiorc, adresat, skrzynk, prijemc, schrank,
      mottagar, brevlad, boite, buzon, casella, casilla, ontvanger, vastaanottaj, cimzett, address you,
      address that you, account you, account that you, user you, user that you, person you, account is
      receiving, envelope to
      """
    ),
    (
      [.person],
      """
      @, user, userid, username, address, adress, adres., direccion, indirizzo, uzivatel, uzytkownik,
      usuario, utilisateur, utilizador, utente, anvandar, benutzer, teilnehmer, customer, person,
      subscriber, gebruiker, kayttaj, felhasznalo, kullanici, e mail address, email address
      """
    ),
    ([.account], "account, acct, konto, kontot, compte, cuenta, conta., ucet, uctu"),
    (
      [.ownAccount],
      """
      your account, your user, your mailbox, your subscription, your plan, sending account, sender account,
      account sending, smtp account, smtp user, your login, votre compte, ihr konto, su cuenta, tenant, ditt
      konto, twoje konto, vas ucet, your domain, arn., arn aws, this account is not, account is not, your
      organization, your server is not
      """
    ),
    (
      [.sending],
      """
      outgoing, outbound, smtp access, smtp sending, smtp submission, ausgehend, postausgang, versand,
      mailversand, e mail versand, sortant, envoi., envois., wysylk, wysylan, wyslan, wychodzac, odesilani,
      odeslan, odchozi, utgaende, utskick, sandning, skickade, envio., envios., salient, enviad, invio.,
      invii., inviat, in uscita
      """
    ),
    (
      [.sender],
      """
      sender, mail from, mailfrom, envelope from, from address, from header, from domain, from email, from
      field, from @, header from, return path, returnpath, reverse path, originator, originating address,
      absender, expediteur, emetteur, remitent, remetent, nadawc, odesilatel, odosielatel, avsandar,
      mittent, afzender, lahettaj, felado, envoyeur, author., your address, your email address, your e mail
      address, responsible address
      """
    ),
    (
      [.client],
      """
      #, ip., ips., ip address, your ip, client, client host, client ip address, sender ip address, your ip
      address, server ip address, sending ip address, source ip address, host ip address, client address,
      your host, sending host, sender ip, sender host, sending server, sending ip, sending mta, connecting
      host, connecting ip, host #, server #, mail server, your server, your mail server, your machine, your
      network, your mta, mta., server ip, remote host, source address, connection, connections, connect.,
      from #, from &, mail from #, mail from &, mail from your, mail from dynamic, mail from this, mail from
      host, mail from the, mail from servers, mail from hosts, messages from #, message from #, ihr server,
      ihre ip, votre ip, votre serveur, vasa ip, vase ip, din ip, su ip, twoj adres ip, adres ip, adresse
      ip, direccion ip, tu ip, host name #, hosts, peer, sending address #, seu ip, ip adresse, ip adres, ip
      addresses, ip adressen, netblock, subnet, smtp server of your
      """
    ),
    ([.relay], "relay, relais, weiterleit"),
    (
      [.nothing],
      """
      relay recipient, relay_recipient, relay domain, local recipient, virtual alias, virtual mailbox, need
      fully qualified address, fully qualified email, fully qualified address, fully qualified user, fully
      qualified recipient, fully qualified sender
      """
    ),
    ([.hello], "helo, ehlo, hostname, ptr., rdns, reverse dns, reverse name, greeting name"),
    (
      [.domain],
      """
      domain, host., hosts., mx., domaine, dominio, domena, domen, doman, route to, destination
      """
    ),
    (
      [.mail],
      """
      message, messages, your email, your e mail, mail., mails., email., emails., e mail, nachricht,
      courrier, mensaje, correo, mensagem, wiadomosc, zprava, zpravy, meddeland, messaggio, bericht, letter,
      brev., transmission, delivery, envelope
      """
    ),
  ]
}
