// The pidfile names the process whose death ends everything.
#ifndef KIBOSH_PIDFILE_H
#define KIBOSH_PIDFILE_H

// Does nothing where no pidfile was asked for. An error is logged.
void pidfile_write(void);
// Removes it, unless it names another process by now: that of a mount that came after this one.
void pidfile_remove(void);

#endif
