package dashadk
