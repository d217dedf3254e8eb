// A frontend imports this module alone, so the names that its interface is made of come with it.

@_exported public import struct CodeRequests.EmailAddress
@_exported public import struct CodeRequests.Purpose
@_exported public import struct CodeRequests.RequestFault
@_exported public import struct CodeRequests.RequestID
