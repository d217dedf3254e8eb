// A frontend imports this module alone, so the names that its interface is made of come with it.

@_exported public import struct CodeRequests.DeviceToken
@_exported public import struct CodeRequests.EmailAddress
@_exported public import struct CodeRequests.Purpose
@_exported public import struct CodeRequests.RequestFault
@_exported public import struct CodeRequests.RequestID
@_exported public import struct Records.PasscodeSettings
@_exported public import struct Records.RecordError
@_exported public import struct Records.Session
@_exported public import enum Records.SessionCheck
@_exported public import struct Records.SessionInfo
@_exported public import struct Records.SessionToken
@_exported public import struct Records.TypedCode
@_exported public import enum Records.Verification
@_exported public import struct Records.VerifiedGuest
@_exported public import enum Records.VerificationAnswer
