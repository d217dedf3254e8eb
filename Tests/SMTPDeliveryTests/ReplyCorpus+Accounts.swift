// What is refused for our account's sake under codes that mean a mailbox elsewhere, beside what is about a mailbox in
// nearly the same words.

extension ReplyCorpus {
  /// Behind RCPT an account, user or quota is ours, unless a code or the word mailbox says otherwise.
  static let behindRecipient = #"""
    A host | final | account | 550 User suspended
    A host | final | account | 550 Account blocked
    A host | final | account | 550 5.7.1 Account blocked
    German | final | account | 550 Konto gesperrt
    Polish | final | account | 550 Konto zablokowane
    Polish | final | account | 550 Konto zostalo zablokowane
    Polish | final | account | 550 Konto nieaktywne
    French | final | account | 550 Compte suspendu
    French | final | account | 550 Compte bloqué
    Spanish | final | account | 550 Cuenta suspendida
    Czech | final | account | 550 Ucet je zablokovan
    Czech | final | account | 550 Ucet byl pozastaven
    Swedish | final | account | 550 Kontot ar sparrat
    Swedish | final | account | 550 Kontot har stängts av
    Italian | final | account | 550 Account sospeso
    A host | final | account | 554 Account disabled
    A host | final | account | 550 Invalid API key
    A host | final | account | 550 Quota exceeded
    A host | final | account | 554 quota exceeded
    A host | final | recipient | 552 Quota exceeded
    A host | final | recipient | 550 mailbox quota exceeded
    A host | final | recipient | 550 5.2.1 Account disabled
    A host | final | recipient | 550 5.1.1 unknown account
    A host | final | recipient | 550 No such user here
    A host | final | recipient | 550 User unknown
    A host | final | recipient | 550 recipient's mailbox is full
    A host | data | sequence | 554 5.5.1 Error: no valid recipients
    A host | final | sequence | 554 5.5.1 no
    A host | final | account | 554 balance too low
    A host | final | account | 554 Not enough credit on your account
    A host | final | account | 554 Payment required
    A host | final | account | 554 5.3.0 Insufficient credit balance
    A host | final | account | 550 5.0.0 Account is not permitted to send
    A host | final | message | 552 5.3.4 Message size exceeds limit
    A host | final | message | 552 message exceeds outgoing size limit
    A host | final | reputation | 554 5.7.1 Outbound spam detected
    A host | final | account | 550 Account suspended, contact support
    A host | final | account | 554 5.7.1 Quota exceeded for this account
    A host | final | account | 550 5.7.0 session quota
    A host | final | account | 552 5.2.2 You have exceeded the quota of outgoing messages
    A host | final | account | 550 Your account has been disabled
    A host | final | sender | 550 Invalid From address
    A host | final | account | 550 Invalid credentials
    A host | final | reputation | 550 IP address not found in allow list
    A host | final | account | 550 Domain not found in our system
    A host | final | account | 550 User inactive
    A host | final | account | 550 unknown API user
    A host | final | account | 554 Insufficient funds
    A host | final | sequence | 500 5.5.1 Command unrecognized
    """#

  /// To MAIL and RCPT: limits of what we send, plans and payment, addresses that we may not send from.
  static let sending = #"""
    A host | recipient | recipient | 550 Quota exceeded
    A host | recipient | recipient | 552 5.2.2 over quota
    A host | recipient | account | 550 5.7.1 Quota exceeded
    A host | recipient | recipient | 550 5.7.1 mailbox quota exceeded
    A host | mail | account | 550 Account suspended
    A host | mail | account | 550 Quota exceeded
    A host | mail | account | 552 5.2.2 Over quota
    German | recipient | account | 550 Versandlimit erreicht
    German | recipient | account | 550 Ihr Versandkontingent ist erschöpft
    German | recipient | account | 550 Der Versand wurde gesperrt
    German | recipient | account | 550 Der Mailversand für dieses Konto ist deaktiviert
    German | recipient | account | 550 Limit für ausgehende Nachrichten erreicht
    German | recipient | account | 550 Ausgehende E-Mails sind für dieses Konto gesperrt
    German | recipient | account | 550 Maximale Anzahl an Empfängern pro Stunde überschritten
    German | recipient | account | 550 Anzahl der Nachrichten pro Stunde überschritten
    German | recipient | sender | 550 Sie dürfen von dieser Adresse nicht senden
    German | recipient | sender | 550 Absenderdomain nicht freigeschaltet
    German | recipient | account | 550 Bitte melden Sie sich zuerst an
    Polish | recipient | account | 550 Limit wysyłki został przekroczony
    Polish | recipient | account | 550 Przekroczono dzienny limit wysłanych wiadomości
    Polish | recipient | account | 550 Przekroczony limit wiadomosci na godzine
    Polish | recipient | account | 550 Przekroczyles limit wysylania
    Polish | recipient | account | 550 Wysyłka poczty została zablokowana
    Polish | recipient | account | 550 Wysylanie wiadomosci zablokowane dla tego konta
    Polish | recipient | account | 550 Konto zablokowane - spam
    Polish | recipient | sender | 550 Brak uprawnien do wysylki z tego adresu
    Polish | recipient | account | 550 Usługa nieopłacona
    Polish | recipient | sender | 550 Adres nadawcy niezgodny z kontem
    French | recipient | account | 550 Limite d'envoi dépassée
    French | recipient | account | 550 Vous avez dépassé votre quota d'envoi
    French | recipient | account | 550 Nombre maximal d'envois dépassé
    French | recipient | load | 550 Trop d'envois
    French | recipient | account | 550 L'envoi de messages est désactivé pour ce compte
    French | recipient | account | 550 Envoi bloqué
    French | recipient | sender | 550 Vous n'êtes pas autorisé à envoyer avec cette adresse
    French | recipient | account | 550 Votre compte est suspendu
    French | recipient | sender | 550 Domaine expéditeur non vérifié
    French | recipient | account | 550 Facture impayée
    Czech | recipient | account | 550 Překročen denní limit odeslaných zpráv
    Czech | recipient | account | 550 Odesílání pošty je zablokováno
    Czech | recipient | account | 550 Limit odchozich zprav byl prekrocen
    Czech | recipient | account | 550 Odchozi posta zablokovana
    Czech | recipient | account | 550 Prilis mnoho zprav za hodinu
    Czech | recipient | sender | 550 Z teto adresy nelze odesilat
    Czech | recipient | account | 550 Sluzba neni zaplacena
    Swedish | recipient | account | 550 Gränsen för utgående e-post är nådd
    Swedish | recipient | account | 550 Utgående e-post är spärrad
    Swedish | recipient | account | 550 Du har nått maxgränsen för antal utskick
    Swedish | recipient | load | 550 För många meddelanden skickade
    Swedish | recipient | sender | 550 Du får inte skicka från denna adress
    Swedish | recipient | account | 550 Kontot är spärrat för utskick
    Swedish | recipient | account | 550 Obetald faktura
    Spanish | recipient | account | 550 Límite de envío excedido
    Spanish | recipient | account | 550 Ha superado el límite de envíos por hora
    Spanish | recipient | account | 550 El envío de correo está bloqueado
    Spanish | recipient | account | 550 Cuota de envío superada
    Spanish | recipient | sender | 550 No está autorizado a enviar desde esta dirección
    Spanish | recipient | load | 550 Demasiados mensajes enviados
    Spanish | recipient | account | 550 Su cuenta ha sido suspendida
    Spanish | recipient | account | 550 Saldo insuficiente
    Italian | recipient | account | 550 Limite di invio superato
    Italian | recipient | account | 550 Hai superato il limite di invii giornalieri
    Italian | recipient | account | 550 Invio bloccato
    Italian | recipient | sender | 550 Non sei autorizzato a inviare da questo indirizzo
    Italian | recipient | sender | 550 Mittente non autorizzato
    Italian | recipient | load | 550 Troppi messaggi inviati
    Italian | recipient | account | 550 Account sospeso per spam
    Italian | recipient | account | 550 Credito insufficiente
    Portuguese | recipient | account | 550 Limite de envio excedido
    A host | recipient | account | 550 SMTP access disabled for this account
    A host | recipient | account | 550 You have reached your outgoing email limit
    A host | recipient | account | 550 Maximum outgoing messages reached
    A host | recipient | account | 550 This account may not send mail
    A host | recipient | sender | 550 Sending from this domain is not enabled
    A host | recipient | account | 550 Upgrade to a paid plan to send
    A host | recipient | account | 550 Service suspended for non-payment
    A host | recipient | account | 550 Trial expired
    A host | recipient | reputation | 550 mail from this server is not allowed
    A host | recipient | relaying | 550 You have no permission to use this server
    A host | recipient | account | 550 Outbound SMTP is blocked
    A host | recipient | account | 550 message count quota exceeded
    A host | recipient | reputation | 550 5.1.0 a1b2c3d4 policy violation, see https://support.example.com/kb/a4081
    Polish | recipient | reputation | 550 5.1.0 Naruszenie zasad cNkj1y0022
    A host | recipient | account | 550 Number recipients per hour exceeded
    A host | recipient | account | 550 Number messages per hour exceeded
    A host | recipient | recipient | 550 Account not found
    Polish | recipient | recipient | 550 Konto użytkownika nie istnieje
    Polish | recipient | recipient | 550 Konto odbiorcy zablokowane
    Polish | recipient | recipient | 550 Skrzynka zablokowana
    French | recipient | recipient | 550 Le compte du destinataire est suspendu
    German | recipient | recipient | 550 Das Postfach wurde gesperrt
    Spanish | recipient | recipient | 550 El buzon del destinatario esta bloqueado
    French | recipient | recipient | 550 Adresse inconnue
    Czech | recipient | recipient | 550 Schranka prijemce je zablokovana
    Swedish | recipient | recipient | 550 Mottagarens konto är avstängt
    Italian | recipient | recipient | 550 Casella del destinatario piena
    Czech | recipient | recipient | 552 Kvota schranky prekrocena
    French | recipient | recipient | 552 Limite de la boîte dépassée
    Polish | recipient | recipient | 552 Przekroczony limit pojemnosci skrzynki
    German | recipient | recipient | 552 Das Postfach hat sein Limit überschritten
    German | recipient | recipient | 550 Empfängeradresse ungültig
    Czech | recipient | recipient | 550 Prijemce neznamy
    A host | recipient | recipient | 550 5.1.1 <anna@example.org>: Account suspended
    A host | recipient | recipient | 550 <anna@example.org> account suspended
    A host | recipient | unclear | 550 Account suspended
    French | recipient | unclear | 550 Compte suspendu
    A host | recipient | recipient | 550 User unknown (outbound relay mx1)
    A host | recipient | recipient | 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown; outgoing gateway
    A host | recipient | recipient | 550 5.2.1 The mailbox has reached its limit
    A host | recipient | recipient | 550 Maximum mailbox size reached
    A host | recipient | recipient | 550 anna: user suspended
    Swedish | recipient | recipient | 550 Användaren är avstängd
    French | recipient | recipient | 550 Utilisateur suspendu
    Polish | recipient | recipient | 550 Nieznany uzytkownik
    A host | recipient | recipient | 550 Account anna has been suspended.
    A host | recipient | account | 550 5.7.1 outgoing mail quota exceeded for user
    A host | recipient | account | 550 5.7.1 Sender quota exceeded
    A host | recipient | sender | 550 Sender domain not found
    A host | recipient | reputation | 550 not allowed
    A host | recipient | reputation | 550 5.7.1 Client does not have permission
    A host | recipient | account | 554 Account has been suspended for sending
    A host | recipient | reputation | 550 Your IP is not authorised
    A host | recipient | reputation | 550 Permission denied
    A host | recipient | sender | 550 Account is not active, please verify your domain
    A host | recipient | account | 550 Billing problem
    A host | recipient | account | 550 This server requires a paid plan
    A host | recipient | account | 550 outbound mail disabled
    A host | recipient | reputation | 550 mail from your domain is not accepted
    A host | recipient | account | 553 Requested action not taken: mailbox name not allowed (authentication is required)
    A host | recipient | sender | 553 5.5.4 Unable to send from this domain
    A host | recipient | reputation | 550 5.1.1 Blocked by recipient policy bl-list
    A host | recipient | load | 550 5.7.1 Emails from this IP are throttled
    A host | recipient | reputation | 550 High probability of spam
    A host | recipient | sender | 550 5.1.1 The sender is not valid user
    A host | recipient | sender | 550 Your host is not in our SPF
    A host | recipient | load | 554 5.4.6 Hop count exceeded - possible mail loop
    German | recipient | account | 550 Konto gesperrt wegen Spamversand
    Polish | recipient | account | 550 Limit wysylki zostal przekroczony
    Czech | recipient | account | 550 Odeslani zamitnuto, prekrocen limit
    Swedish | recipient | sender | 550 Avsändaren är spärrad
    German | recipient | sender | 550 Absender gesperrt
    German | recipient | sender | 550 5.7.1 Absenderadresse nicht erlaubt
    French | recipient | load | 554 Trop de messages envoyés
    A host | recipient | recipient | 550 Mailbox does not exist!
    A host | recipient | recipient | 550 RCPT TO:<anna@example.org> User not available
    Polish | recipient | recipient | 550 Konto nie istnieje
    Czech | recipient | recipient | 550 Účet neexistuje
    German | recipient | recipient | 550 Empfänger unbekannt
    German | recipient | recipient | 550 unbekannter Empfaenger
    """#
}
