/// How the mails of an installation look, and those of the tenants that say something else.
package struct BrandBook: Hashable, Sendable {
  package var common: Brand
  /// By the tenant's name; those that say nothing are left out.
  package var tenants: [String: Brand]

  package init(common: Brand = Brand(), tenants: [String: Brand] = [:]) {
    self.common = common
    self.tenants = tenants
  }
}
