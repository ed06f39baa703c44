// How things are said. Plain ES5.

"use strict";

/** Seconds in words. */
exports.time = function (seconds) {
    return seconds < 90 ? Math.round(seconds) + " s" : Math.round(seconds / 60) + " min";
};
