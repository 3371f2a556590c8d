/**
 * A parameter of a LIMIT. Bare, SQLite would look at its value to plan, and so prepare the statement
 * again for each one that is bound: that costs more than most of our queries.
 */
export const GIVEN = "+?";
