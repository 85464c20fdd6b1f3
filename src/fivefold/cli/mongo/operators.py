"""Operators that are offered after a $, by where they may stand.

Source: MongoDB's manual, "Operators". What else the language knows works as well.
"""

from __future__ import annotations


def _names(words: str) -> tuple[str, ...]:
    return tuple(f"${word}" for word in words.split())


FILTER = _names("""
    all and bitsAllClear bitsAllSet bitsAnyClear bitsAnySet comment elemMatch eq exists expr
    gt gte in jsonSchema lt lte mod ne nin nor not options or regex size type
""")
"""In a filter."""

UPDATE = _names("""
    addToSet bit currentDate each inc max min mul pop position pull pullAll push rename set
    setOnInsert slice sort unset
""")
"""In an update."""

STAGES = _names("""
    addFields bucket bucketAuto collStats count currentOp densify documents facet fill
    graphLookup group indexStats limit listLocalSessions listSessions lookup match merge out
    planCacheStats project redact replaceRoot replaceWith sample set setWindowFields skip
    sort sortByCount unionWith unset unwind
""")
"""Stages of a pipeline."""

EXPRESSIONS = _names("""
    abs acos acosh add addToSet allElementsTrue and anyElementTrue arrayElemAt arrayToObject
    asin asinh atan atan2 atanh avg binarySize bitAnd bitNot bitOr bitXor bottom bottomN
    bsonSize ceil cmp concat concatArrays cond const convert cos cosh count covariancePop
    covarianceSamp dateAdd dateDiff dateFromParts dateFromString dateSubtract dateToParts
    dateToString dateTrunc dayOfMonth dayOfWeek dayOfYear degreesToRadians denseRank
    derivative divide documentNumber eq exp expMovingAvg filter first firstN floor getField
    gt gte hour ifNull in indexOfArray indexOfBytes indexOfCP integral isArray isNumber
    isoDayOfWeek isoWeek isoWeekYear last lastN let linearFill literal ln locf log log10 lt
    lte ltrim map max maxN median mergeObjects millisecond min minN minute mod month
    multiply ne not objectToArray or percentile pow push radiansToDegrees rand range rank
    reduce regexFind regexFindAll regexMatch replaceAll replaceOne reverseArray round rtrim
    sampleRate second setDifference setEquals setField setIntersection setIsSubset setUnion
    shift sin sinh size slice sortArray split sqrt stdDevPop stdDevSamp strLenBytes strLenCP
    strcasecmp substr substrBytes substrCP subtract sum switch tan tanh toBool toDate
    toDecimal toDouble toHashedIndexKey toInt toLong toLower toObjectId toString toUpper top
    topN trim trunc tsIncrement tsSecond type unsetField week year zip
""")
"""In the terms of a pipeline."""
