#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, a macro that Swift does not import.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }
// An extended code is an expression that Swift does not import.
static inline int csqlite_ioerr_fsync(void) { return SQLITE_IOERR_FSYNC; }
// sqlite3_db_config is variadic; Swift sees no variadic C functions.
static inline int csqlite_set_defensive(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}
// sqlite3_config is variadic, too.
static inline int csqlite_leave_out_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
// The WAL's file is reached through a file control and a table of function pointers, which Swift could not call
// without rebuilding that structure. NULL where there is none.
static inline sqlite3_file *csqlite_wal(sqlite3 *database) {
  sqlite3_file *file = 0;
  int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  return code == SQLITE_OK && file && file->pMethods ? file : 0;
}
static inline int csqlite_sync(sqlite3_file *file) { return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL); }
