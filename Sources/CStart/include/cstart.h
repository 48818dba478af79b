/// What an executable settles before any library of it is initialised: how idle threads wait, how memory is kept.
///
/// It happens where the executable links this target; there is nothing to call.
#ifndef CSTART_H
#define CSTART_H

#endif
