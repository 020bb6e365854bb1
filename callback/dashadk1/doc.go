package dashadk1
